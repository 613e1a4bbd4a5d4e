import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { RoleName } from '../../shared/runtime/role.ts'
import { assembleFleet, type Fleet } from '../support/chaos-fleet.ts'
import { type Load, startLoad } from '../support/chaos-load.ts'
import { clean, verdict } from '../support/chaos-oracle.ts'
import { printedSeed, rounds } from '../support/chaos-random.ts'
import { watchTransactions } from '../support/chaos-watch.ts'
import type { RunningProcess } from '../support/system.ts'

const roles: readonly RoleName[] = [
  'command-api',
  'command-worker',
  'relay',
  'projector',
  'query-api',
  'notifier',
]

let fleet: Fleet
let load: Load
let steady: RunningProcess
const alive = new Map<RoleName, RunningProcess>()

beforeAll(async () => {
  fleet = await assembleFleet()
  steady = await fleet.run(['command-api'])
  for (const role of roles) alive.set(role, await fleet.run([role]))
  const targets = () => [steady.commandUrl, alive.get('command-api')!.commandUrl]
  load = startLoad({ targets, seed: printedSeed('stopping roles'), callers: 4 })
}, 60_000)
afterAll(() => fleet.end(), 60_000)

test.each(roles)(
  '%s, asked to stop under load, ends in time and with 0',
  async (role) => {
    for (let round = 0; round < rounds(1); round += 1) {
      await load.more(50)
      const leaving = alive.get(role)!
      const successor = fleet.run([role])
      const began = performance.now()
      expect(await leaving.stop()).toBe(0)
      const took = Math.round(performance.now() - began)
      console.log(`${role} drained in ${took} ms`)
      expect(took).toBeLessThan(10_000)
      expect(leaving.output()).toBe('')
      alive.set(role, await successor)
    }
  },
  60_000,
)

test('nobody was answered with an error, and nothing that was acknowledged came again', async () => {
  const watch = watchTransactions(fleet.sql)
  const ledger = await load.stop()
  expect(ledger.refusals.filter(({ status }) => status !== undefined)).toEqual([])
  // No stray: whoever got no answer was not heard, so that nothing happened without a promise.
  expect(await verdict(fleet, { ...ledger, refusals: [] })).toEqual(clean)
  for (const process of alive.values()) expect(await duplicates(process)).toEqual([])
  expect(await watch.stop()).toBeLessThan(2000)
}, 60_000)

const duplicates = async ({ opsUrl }: RunningProcess) => {
  const metrics = await (await fetch(`${opsUrl}/metrics`)).text()
  return metrics.match(/^aero_delivery_duplicates_total\{.* [1-9]\d*$/gm) ?? []
}
