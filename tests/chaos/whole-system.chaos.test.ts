import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { reservationBody } from '../support/bodies.ts'
import { assembleFleet, type Fleet } from '../support/chaos-fleet.ts'
import { emptyLedger, enter } from '../support/chaos-ledger.ts'
import { startLoad } from '../support/chaos-load.ts'
import { verdict } from '../support/chaos-oracle.ts'
import { printedSeed, rounds } from '../support/chaos-random.ts'
import { start, temporaryHome, eventually } from '../support/system.ts'

let fleet: Fleet
beforeAll(async () => {
  fleet = await assembleFleet()
}, 60_000)
afterAll(() => fleet.end(), 60_000)

test('a 202 survives a kill of everything in the instant it arrives', async () => {
  const ledger = emptyLedger()
  for (let round = 0; round < rounds(2); round += 1) {
    const system = await fleet.up()
    const accepted = await enter(ledger, `${system.commandUrl}/reservations`, reservationBody)
    // The kill comes before the next turn of the loop.
    process.kill(system.pid, 'SIGKILL')
    expect(accepted?.status).toBe('accepted')
    await system.exited
  }
  const system = await fleet.up()
  expect(await verdict(fleet, ledger)).toMatchObject({ lost: [], gaps: [], viewsAtOdds: [] })
  expect(await system.stop()).toBe(0)
}, 60_000)

test('the whole system, asked to stop under load, answers everybody, ends with 0 and leaves no process', async () => {
  const home = temporaryHome()
  const system = await start(['up'], { home: home.folder, until: ['commandUrl', 'opsUrl'] })
  const seed = printedSeed('stopping the whole system')
  const load = startLoad({ targets: () => [system.commandUrl], seed, keyed: 0 })
  await load.more(200)
  const began = performance.now()
  const exit = await system.stop()
  console.log(`drained in ${Math.round(performance.now() - began)} ms`)
  const ledger = await load.stop()
  expect(exit).toBe(0)
  expect(performance.now() - began).toBeLessThan(10_000)
  expect(ledger.refusals.filter(({ status }) => status !== undefined)).toEqual([])
  await eventually('no process of it is left', async () => processesOf(home.folder) === 0, 5)
  home.remove()
}, 60_000)

/** Processes that name the folder in their command line: Postgres, its keeper, our own. */
const processesOf = (folder: string) =>
  readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(folder)
    } catch {
      return false
    }
  }).length
