import { afterAll, beforeAll, expect, test } from 'bun:test'
import { assembleFleet, type Fleet } from '../support/chaos-fleet.ts'
import { refusalsByKind } from '../support/chaos-ledger.ts'
import { startLoad } from '../support/chaos-load.ts'
import { clean, verdict } from '../support/chaos-oracle.ts'
import { printedSeed, randomFrom, rounds } from '../support/chaos-random.ts'
import { watchTransactions } from '../support/chaos-watch.ts'

let fleet: Fleet
beforeAll(async () => {
  fleet = await assembleFleet()
}, 60_000)
afterAll(() => fleet.end(), 60_000)

test('an API killed under load loses no 202, and a key repeated at another one is one command', async () => {
  const seed = printedSeed('killing the API')
  const random = randomFrom(seed)
  const [first, steady] = await Promise.all([
    fleet.run(['command-api']),
    fleet.run(['command-api']),
    fleet.run(['command-worker', 'relay', 'projector']),
  ])
  const watch = watchTransactions(fleet.sql)
  const load = startLoad({ targets: () => [first.commandUrl, steady.commandUrl], seed })
  let victim = first
  for (let round = 0; round < rounds(2); round += 1) {
    await load.more(50 + Math.floor(random() * 200))
    await victim.kill()
    await load.more(50)
    victim = await fleet.run(['command-api'], { COMMAND_PORT: new URL(first.commandUrl).port })
  }
  const ledger = await load.stop()
  // Nobody was answered with an error: a killed process only breaks connections.
  expect(ledger.refusals.length).toBeGreaterThan(0)
  expect(ledger.refusals.filter(({ status }) => status !== undefined)).toEqual([])
  expect(ledger.keys.size).toBeGreaterThan(100)
  expect(await verdict(fleet, ledger)).toEqual(clean)
  expect(await watch.stop()).toBeLessThan(2000)
  console.log(ledger.accepted.size, refusalsByKind(ledger))
}, 120_000)
