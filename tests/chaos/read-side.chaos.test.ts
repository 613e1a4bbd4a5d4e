import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { RoleName } from '../../shared/runtime/role.ts'
import { assembleFleet, type Fleet } from '../support/chaos-fleet.ts'
import { refusalsByKind } from '../support/chaos-ledger.ts'
import { startLoad } from '../support/chaos-load.ts'
import { clean, verdict } from '../support/chaos-oracle.ts'
import { printedSeed, randomFrom, rounds } from '../support/chaos-random.ts'
import { watchTransactions } from '../support/chaos-watch.ts'
import type { RunningProcess } from '../support/system.ts'

let fleet: Fleet
let api: RunningProcess
beforeAll(async () => {
  fleet = await assembleFleet()
  api = await fleet.run(['command-api', 'command-worker'])
}, 60_000)
afterAll(() => fleet.end(), 60_000)

test('relay and projector killed in turn under load leave views without a gap and as the events say', async () => {
  const seed = printedSeed('killing relay and projector')
  const random = randomFrom(seed)
  const roles: RoleName[] = ['relay', 'projector']
  const victims = await Promise.all(roles.map((role) => fleet.run([role])))
  const watch = watchTransactions(fleet.sql)
  const load = startLoad({ targets: () => [api.commandUrl], seed })
  for (let round = 0; round < rounds(4); round += 1) {
    await load.more(20 + Math.floor(random() * 150))
    await victims[round % 2]!.kill()
    await load.more(50)
    victims[round % 2] = await fleet.run([roles[round % 2]!])
  }
  const ledger = await load.stop()
  expect(refusalsByKind(ledger)).toEqual({})
  expect(await verdict(fleet, ledger)).toEqual(clean)
  expect(await watch.stop()).toBeLessThan(2000)
}, 120_000)
