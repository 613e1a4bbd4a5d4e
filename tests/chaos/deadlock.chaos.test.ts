import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { postgresFolder } from '../../shared/runtime/home.ts'
import { reservationBody, userBody } from '../support/bodies.ts'
import { assembleFleet, type Fleet } from '../support/chaos-fleet.ts'
import { emptyLedger, enter } from '../support/chaos-ledger.ts'
import { clean, verdict } from '../support/chaos-oracle.ts'
import { oneOf, printedSeed, randomFrom, rounds } from '../support/chaos-random.ts'
import { watchTransactions } from '../support/chaos-watch.ts'

let fleet: Fleet
beforeAll(async () => {
  fleet = await assembleFleet()
}, 60_000)
afterAll(() => fleet.end(), 60_000)

test('64 commands in flight over the same rows, in any order, never wait for each other in a ring', async () => {
  const random = randomFrom(printedSeed('a storm of locks'))
  const [api] = await Promise.all([
    fleet.run(['command-api', 'relay', 'projector']),
    fleet.run(['command-worker']),
    fleet.run(['command-worker']),
  ])
  const ledger = emptyLedger()
  const make = async (path: string, body: unknown) =>
    (await enter(ledger, `${api.commandUrl}${path}`, body))!.id
  const users: string[] = []
  for (const name of ['ana', 'bea', 'eva', 'ida'])
    users.push(await make('/users', userBody(`${name}@example.org`)))
  const reservations = await Promise.all(
    Array.from({ length: 6 }, () => make('/reservations', reservationBody)),
  )
  const watch = watchTransactions(fleet.sql)
  const request = () => {
    const id = oneOf(random, reservations)
    return random() < 0.6
      ? make(`/users/${oneOf(random, users)}/reservations`, { reservation_id: id })
      : make(`/reservations/${id}/${oneOf(random, ['approve', 'pay', 'cancel'])}`, {})
  }
  const total = rounds(30) * 64
  await Promise.all(
    Array.from({ length: 64 }, async (_, caller) => {
      for (let sent = caller; sent < total; sent += 64) await request()
    }),
  )
  expect(await verdict(fleet, ledger)).toEqual(clean)
  expect(ledger.accepted.size).toBe(total + 10)
  expect(await watch.stop()).toBeLessThan(2000)
  // The log knows at once, the statistics within a second or when the connections end.
  const log = readFileSync(join(postgresFolder(fleet.home), 'postgres.log'), 'utf8')
  expect(log.match(/deadlock detected/g) ?? []).toEqual([])
  const [row] = await fleet.sql<{ deadlocks: number }[]>`
    SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()`
  expect(row?.deadlocks).toBe(0)
}, 120_000)
