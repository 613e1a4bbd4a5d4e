import { afterAll, beforeAll, expect, test } from 'bun:test'
import { assembleFleet, type Fleet } from '../support/chaos-fleet.ts'
import { refusalsByKind } from '../support/chaos-ledger.ts'
import { type Load, startLoad } from '../support/chaos-load.ts'
import { clean, verdict } from '../support/chaos-oracle.ts'
import { printedSeed, randomFrom, rounds } from '../support/chaos-random.ts'
import { eventually } from '../support/system.ts'

let fleet: Fleet
let load: Load
const seed = printedSeed('ending Postgres')

beforeAll(async () => {
  fleet = await assembleFleet()
  const [api] = await Promise.all([
    fleet.run(['command-api']),
    fleet.run(['command-worker', 'relay', 'projector']),
  ])
  load = startLoad({ targets: () => [api.commandUrl], seed })
}, 60_000)
afterAll(() => fleet.end(), 60_000)

/** Resolves when Postgres answers again, after its old process has gone. */
const backAgain = (before: number) =>
  eventually('Postgres is back', async () => {
    if (fleet.postmaster() === before) return false
    return fleet
      .ask((sql) => sql`SELECT 1`)
      .then(
        () => true,
        () => false,
      )
  })

const finishedCommands = () =>
  fleet.ask(async (sql) => {
    const [row] = await sql<{ count: number }[]>`SELECT count(*)::int FROM uow.receipt`
    return row?.count ?? 0
  })

test.each([
  ['killed', 'SIGKILL'],
  ['stopped immediately', 'SIGQUIT'],
  ['stopped fast', 'SIGINT'],
] as const)(
  'Postgres %s under load costs no 202, and everybody is back within five seconds',
  async (_, signal) => {
    const random = randomFrom(seed)
    for (let round = 0; round < rounds(1); round += 1) {
      await load.more(50 + Math.floor(random() * 200))
      const before = fleet.postmaster()
      process.kill(before, signal)
      await backAgain(before)
      const finished = await finishedCommands()
      await eventually('workers work again', async () => (await finishedCommands()) > finished, 5)
      await load.more(20)
    }
  },
  120_000,
)

test('while it was away the API answered 503 in time, and afterwards nothing is missing', async () => {
  const ledger = await load.stop()
  console.log(refusalsByKind(ledger), `slowest answer ${Math.round(ledger.slowest)} ms`)
  expect(Object.keys(refusalsByKind(ledger)).filter((kind) => kind !== '503')).toEqual([])
  expect(ledger.slowest).toBeLessThan(10_000)
  expect(await verdict(fleet, ledger)).toEqual(clean)
}, 60_000)
