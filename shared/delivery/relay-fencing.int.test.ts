import { afterEach, expect, test } from 'bun:test'
import { join } from 'node:path'
import { received, silent } from '../../tests/support/delivery-probe.ts'
import { beforePulsar, needsPulsar } from '../../tests/support/needs-pulsar.ts'
import { deleteTenant, ownTenant } from '../../tests/support/own-tenant.ts'
import { testDatabase } from '../../tests/support/postgres.ts'
import { type TestPulsar, testPulsar } from '../../tests/support/pulsar.ts'
import type { StoppedRelay } from '../../tests/support/relay-stopped-child.ts'
import { until } from '../../tests/support/until.ts'
import type { Broker } from '../messaging/port.ts'
import { pulsarBroker } from '../messaging/pulsar/pulsar-broker.ts'
import { type Database, openDatabase } from '../postgres/database.ts'
import { pulsarAdmin } from '../pulsar/admin/admin.ts'
import { appendOutbox, outboxDepth } from './outbox.ts'
import { startRelay } from './relay.ts'

const topic = 'persistent://aeroalpes/events/fencing'
const child = join(import.meta.dir, '../../tests/support/relay-stopped-child.ts')
const leaseMs = 400

needsPulsar('a relay that was stopped past its lease, and goes on', () => {
  let pulsar: TestPulsar
  let ends: (() => Promise<unknown>)[] = []
  beforePulsar(async () => {
    pulsar = await testPulsar()
  })
  afterEach(async () => {
    for (const end of ends.toReversed()) await end()
    ends = []
  })

  const setUp = async (fenced: boolean) => {
    const home = await testDatabase(['delivery'])
    const database = openDatabase(home.url, { name: 'test' })
    const tenant = ownTenant()
    const at = { serviceUrl: pulsar.url, adminUrl: pulsar.adminUrl, tenant }
    const broker = pulsarBroker(at)
    ends.push(
      () => home.drop(),
      () => deleteTenant(pulsarAdmin({ url: pulsar.adminUrl }), tenant),
      () => broker.close(),
      () => database.close(),
    )
    await broker.ensureTopic(topic, 2)
    const stopped: StoppedRelay = { databaseUrl: home.url, ...at, topic, fenced, leaseMs }
    return { database, broker, stopped }
  }

  /** The relay that stops itself, what it has said, and how to wake it. */
  const begin = (stopped: StoppedRelay) => {
    const process = Bun.spawn([globalThis.process.execPath, child, JSON.stringify(stopped)], {
      stdout: 'pipe',
      stderr: 'inherit',
    })
    ends.push(async () => {
      process.kill('SIGKILL')
      await process.exited
    })
    const said: string[] = []
    void (async () => {
      for await (const text of process.stdout.pipeThrough(new TextDecoderStream()))
        said.push(...text.trim().split('\n'))
    })()
    const isStopped = async () =>
      /^State:\s+T/m.test(await Bun.file(`/proc/${process.pid}/status`).text())
    return { said, isStopped, wake: () => process.kill('SIGCONT') }
  }

  const append = (database: Database, ids: readonly string[]) =>
    database.transaction((transaction) =>
      appendOutbox(
        transaction,
        ids.map((id) => ({ topic, message: received(id.slice(0, 1), id) })),
      ),
    )

  const stored = async (broker: Broker, count: number): Promise<readonly string[]> => {
    const consumer = await broker.subscribe({
      topics: [topic],
      subscription: 'look',
      type: 'Exclusive',
      durable: false,
    })
    const found: string[] = []
    while (found.length < count)
      found.push(
        ...(await consumer.receive(100)).map(({ properties }) => properties['ce_id'] ?? ''),
      )
    await consumer.close()
    return found
  }

  const replaced = async (fenced: boolean) => {
    const { database, broker, stopped } = await setUp(fenced)
    const old = begin(stopped)
    await append(database, ['a1', 'b1', 'c1'])
    await until(() => old.said.length === 3, 20_000)
    await append(database, ['a2', 'b2', 'c2'])
    await until(old.isStopped)
    const successor = startRelay({
      database,
      broker,
      logger: silent,
      leaseMs,
      fenced: fenced ? [topic] : [],
    })
    ends.push(() => successor.stop())
    await until(async () => (await outboxDepth(database)) === 0)
    await append(database, ['a3', 'b3', 'c3'])
    successor.wake()
    await until(async () => (await outboxDepth(database)) === 0)
    old.wake()
    await until(() => old.said.length >= 6)
    return { database, broker, old, successor }
  }

  test('writes nothing more to a fenced topic, and its successor goes on', async () => {
    const { database, broker, old, successor } = await replaced(true)
    const refused = `Transient: ${topic}: another fenced publisher has taken it over`
    expect(old.said.slice(3).toSorted()).toEqual([
      `refused a2: ${refused}`,
      `refused b2: ${refused}`,
      `refused c2: ${refused}`,
    ])
    await append(database, ['a4', 'b4', 'c4'])
    successor.wake()
    await until(async () => (await outboxDepth(database)) === 0)
    const ids = await stored(broker, 12)
    expect(ids.filter((id) => id.startsWith('a'))).toEqual(['a1', 'a2', 'a3', 'a4'])
    expect(ids).toHaveLength(12)
  }, 60_000)

  test('writes what was written already, after what is newer, where nothing is fenced', async () => {
    const { broker } = await replaced(false)
    const ids = await stored(broker, 12)
    expect(ids.filter((id) => id.startsWith('a'))).toEqual(['a1', 'a2', 'a3', 'a2'])
  }, 60_000)
})
