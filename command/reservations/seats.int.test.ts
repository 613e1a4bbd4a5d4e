import { afterAll, beforeAll, expect, test } from 'bun:test'
import { flightIdOf } from '../../shared/contracts/flights.ts'
import { newId } from '../../shared/kernel/ids.ts'
import { commandOf, endOf, testWriteSide, type WriteSide } from '../../tests/support/write-side.ts'

let side: WriteSide
beforeAll(async () => {
  side = await testWriteSide()
}, 60_000)
afterAll(() => side.close())

const [origin, destination] = ['BOG', 'JFK'].map((code) => ({ code, name: code }))
const departure = '2026-05-01T10:00:00Z'

const schedule = async (flight_number: string, economy: number) => {
  const flight_id = flightIdOf(flight_number)
  const seats = { economy, premium: 0, business: 0, first: 0 }
  const flight = { flight_id, flight_number, departure, origin: origin!, destination: destination! }
  const [receipt] = await side.settle([
    commandOf('ScheduleFlight', flight_id, { ...flight, seats }),
  ])
  expect(endOf(receipt!)).toBe('FlightScheduled')
}
const reserve = (reservation_id: string, ...numbers: readonly string[]) => {
  const arrival = '2026-05-01T12:00:00Z'
  const legs = numbers.map((flight_number) => ({
    departure,
    arrival,
    origin: origin!,
    destination: destination!,
    flight_number,
  }))
  // One odo each: odos need not join up.
  const odos = legs.map((leg) => ({ segments: [{ legs: [leg] }] }))
  return commandOf('CreateReservation', reservation_id, {
    reservation_id,
    itineraries: [{ odos }],
  })
}
const approve = (reservation_id: string) =>
  commandOf('ApproveReservation', reservation_id, { reservation_id })
const cancel = (reservation_id: string) =>
  commandOf('CancelReservation', reservation_id, { reservation_id })
const taken = async (flight_number: string) => {
  const [row] = await side.database.query<{ taken: { economy: number } }>(
    'SELECT taken FROM write.flights WHERE id = $1::uuid',
    [flightIdOf(flight_number)],
  )
  return row?.taken.economy
}
const counted = (ends: readonly string[]) =>
  Object.fromEntries([...Map.groupBy(ends, (end) => end)].map(([end, all]) => [end, all.length]))

test('a reservation takes seats on all of its flights or on none, and gives them back', async () => {
  await schedule('AA1', 1)
  await schedule('AA2', 2)
  const [first, second] = [newId(), newId()]
  await side.settle([reserve(first, 'AA2', 'AA1'), reserve(second, 'AA1', 'AA2')])
  const ends = (await side.settle([approve(first), approve(second)])).map(endOf)
  expect(ends).toEqual(['ReservationApproved SeatsTaken SeatsTaken', 'no-seats'])
  expect([await taken('AA1'), await taken('AA2')]).toEqual([1, 1])
  const again = (await side.settle([cancel(first), cancel(first), approve(second)])).map(endOf)
  expect(again).toEqual([
    'ReservationCancelled SeatsGivenBack SeatsGivenBack',
    'invalid-transition',
    'ReservationApproved SeatsTaken SeatsTaken',
  ])
  expect([await taken('AA1'), await taken('AA2')]).toEqual([1, 1])
})

test('of 2,000 who want one of 50 seats at once exactly 50 get one, and who cancels makes room', async () => {
  await schedule('BB1', 50)
  await schedule('BB2', 2000)
  const ids = Array.from({ length: 2000 }, () => newId())
  await side.storm(
    ids.map((id, at) => (at % 2 ? reserve(id, 'BB1', 'BB2') : reserve(id, 'BB2', 'BB1'))),
  )
  const ends = (await side.storm(ids.map(approve))).map(endOf)
  expect(counted(ends)).toEqual({
    'ReservationApproved SeatsTaken SeatsTaken': 50,
    'no-seats': 1950,
  })
  expect([await taken('BB1'), await taken('BB2')]).toEqual([50, 50])
  const after = (await side.storm(ids.map(cancel))).map(endOf)
  expect(counted(after)).toEqual({
    'ReservationCancelled SeatsGivenBack SeatsGivenBack': 50,
    ReservationCancelled: 1950,
  })
  expect([await taken('BB1'), await taken('BB2')]).toEqual([0, 0])
}, 60_000)

test('a reservation that was approved before seats were counted gives none back', async () => {
  await schedule('CC1', 5)
  const id = newId()
  await side.settle([reserve(id, 'CC1')])
  await side.database.query(
    `UPDATE write.reservations SET status = 'APPROVED', version = 2 WHERE id = $1::uuid`,
    [id],
  )
  const [receipt] = await side.settle([cancel(id)])
  expect(endOf(receipt!)).toBe('ReservationCancelled')
  expect(await taken('CC1')).toBe(0)
})
