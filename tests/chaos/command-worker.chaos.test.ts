import { afterAll, beforeAll, expect, test } from 'bun:test'
import { userBody } from '../support/bodies.ts'
import { assembleFleet, type Fleet } from '../support/chaos-fleet.ts'
import { refusalsByKind } from '../support/chaos-ledger.ts'
import { startLoad } from '../support/chaos-load.ts'
import { clean, verdict } from '../support/chaos-oracle.ts'
import { printedSeed, randomFrom, rounds } from '../support/chaos-random.ts'
import { watchTransactions } from '../support/chaos-watch.ts'
import { accepted, finished } from '../support/client.ts'
import { eventually, type RunningProcess } from '../support/system.ts'

let fleet: Fleet
let api: RunningProcess
beforeAll(async () => {
  fleet = await assembleFleet()
  api = await fleet.run(['command-api', 'relay', 'projector'])
}, 60_000)
afterAll(() => fleet.end(), 60_000)

const targets = () => [api.commandUrl]
const finishedCommands = async () => {
  const [row] = await fleet.sql<{ count: number }[]>`SELECT count(*)::int FROM uow.receipt`
  return row?.count ?? 0
}
/** How long it takes, in ms, until another so many commands have ended. */
const timeToFinish = async (commands: number, seconds: number) => {
  const began = performance.now()
  const goal = (await finishedCommands()) + commands
  await eventually('somebody takes over', async () => (await finishedCommands()) >= goal, seconds)
  return Math.round(performance.now() - began)
}

test('a worker killed again and again under load is replaced by the other one, and nothing is lost or done twice', async () => {
  const seed = printedSeed('killing the worker')
  const random = randomFrom(seed)
  const workers = await Promise.all([fleet.run(['command-worker']), fleet.run(['command-worker'])])
  const user = await accepted(`${api.commandUrl}/users`, userBody('ana@example.org'))
  await finished(user)
  const watch = watchTransactions(fleet.sql)
  const load = startLoad({ targets, seed, users: [user.id] })
  for (let round = 0; round < rounds(3); round += 1) {
    await load.more(20 + Math.floor(random() * 150))
    await workers[round % 2]!.kill()
    console.log(`taken over after ${await timeToFinish(20, 10)} ms`)
    workers[round % 2] = await fleet.run(['command-worker'])
  }
  const ledger = await load.stop()
  expect(refusalsByKind(ledger)).toEqual({})
  ledger.accepted.set(user.command_id, user)
  expect(await verdict(fleet, ledger)).toEqual(clean)
  expect(await watch.stop()).toBeLessThan(2000)
  await Promise.all(workers.map((worker) => worker.stop()))
}, 120_000)
