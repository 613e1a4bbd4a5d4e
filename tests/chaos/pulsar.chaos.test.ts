import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandTopics } from '../../shared/contracts/topology.ts'
import type { StandalonePulsar } from '../../shared/embedded/pulsar/launcher.ts'
import { pulsarBroker } from '../../shared/messaging/pulsar/pulsar-broker.ts'
import { pulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import { assembleFleet, type Fleet } from '../support/chaos-fleet.ts'
import { refusalsByKind } from '../support/chaos-ledger.ts'
import { type Load, startLoad } from '../support/chaos-load.ts'
import { clean, verdict } from '../support/chaos-oracle.ts'
import { printedSeed, randomFrom, rounds } from '../support/chaos-random.ts'
import { beforePulsar, lacksPulsar, needsOwnPulsar } from '../support/needs-pulsar.ts'
import { ownPulsar } from '../support/pulsar.ts'
import { eventually } from '../support/system.ts'

const folder = mkdtempSync(join(tmpdir(), 'aero-chaos-pulsar-'))
const tenant = 'aeroalpes'

needsOwnPulsar('Pulsar under load', () => {
  let pulsar: StandalonePulsar
  let fleet: Fleet
  let load: Load
  const seed = printedSeed('ending Pulsar')
  const random = randomFrom(seed)

  beforePulsar(async () => {
    pulsar = await ownPulsar(folder, { discard: false })
    const { url, adminUrl } = pulsar
    const environment = { PULSAR_URL: url, PULSAR_ADMIN_URL: adminUrl, TOPIC_PARTITIONS: '4' }
    const broker = pulsarBroker({ serviceUrl: url, adminUrl, tenant })
    fleet = await assembleFleet({ environment, broker })
    const takers = ['command-api', 'query-api'] as const
    const first = await fleet.run(takers)
    const [second] = await Promise.all([
      fleet.run(takers),
      fleet.run(['command-worker', 'relay', 'projector']),
      fleet.run(['command-worker', 'relay']),
    ])
    load = startLoad({ targets: () => [first.commandUrl, second.commandUrl], seed })
  }, true)
  if (!lacksPulsar(process.env, true))
    afterAll(async () => {
      await load.stop()
      await fleet.end()
      await pulsar.stop()
      rmSync(folder, { recursive: true, force: true })
    }, 60_000)

  const startAgain = async () => {
    await eventually('Pulsar has ended', async () => !pulsar.isRunning())
    const [port, webPort] = [pulsar.url, pulsar.adminUrl].map((url) => Number(new URL(url).port))
    pulsar = await ownPulsar(folder, { discard: false, port: port ?? 0, webPort: webPort ?? 0 })
  }
  const finished = async () => {
    const [row] = await fleet.sql<{ count: number }[]>`SELECT count(*)::int FROM uow.receipt`
    return row?.count ?? 0
  }
  /** Commands are taken and carried out; within 30 s, which is what `more` and `eventually` wait. */
  const worksAgain = async () => {
    const before = await finished()
    await load.more(20)
    await eventually('commands are carried out', async () => (await finished()) > before)
  }

  test('killed with -9, again and again, it takes commands again as soon as it is there', async () => {
    for (let round = 0; round < rounds(3); round += 1) {
      await load.more(50 + Math.floor(random() * 200))
      process.kill(pulsar.pid, 'SIGKILL')
      await startAgain()
      await worksAgain()
    }
  }, 300_000)

  test('stopped and started again, it takes commands again', async () => {
    await load.more(50)
    process.kill(pulsar.pid, 'SIGTERM')
    await startAgain()
    await worksAgain()
  }, 120_000)

  test('topics that it unloads go on', async () => {
    const admin = pulsarAdmin({ url: pulsar.adminUrl })
    for (const topic of commandTopics) await admin.topics.unload(topic)
    await worksAgain()
    for (const namespace of ['commands', 'events'])
      await admin.namespaces.unload(`${tenant}/${namespace}`)
    await worksAgain()
  }, 60_000)

  test('in between everybody was answered, with 503 if not with 202, and nothing is missing', async () => {
    const ledger = await load.stop()
    console.log(refusalsByKind(ledger), `slowest answer ${Math.round(ledger.slowest)} ms`)
    expect(Object.keys(refusalsByKind(ledger)).filter((kind) => kind !== '503')).toEqual([])
    // The deadline of a sender's answer; 10 s are promised.
    expect(ledger.slowest).toBeLessThan(10_000)
    expect(ledger.accepted.size).toBeGreaterThan(200)
    expect(await verdict(fleet, ledger)).toEqual(clean)
  }, 90_000)
})
