import { afterAll, beforeAll, expect, test } from 'bun:test'
import { flightIdOf } from '../../shared/contracts/flights.ts'
import { newId } from '../../shared/kernel/ids.ts'
import { testReadSide, type TestReadSide } from '../../tests/support/query-app.ts'
import { envelopeOf } from '../../tests/support/recorded-events.ts'

let readSide: TestReadSide
beforeAll(async () => {
  readSide = await testReadSide()
}, 60_000)
afterAll(() => readSide.close())

const get = (path: string, headers: Record<string, string> = {}) =>
  readSide.app().request(path, { headers })

const none = { economy: 0, premium: 0, business: 0, first: 0 }
const [origin, destination] = ['BOG', 'JFK'].map((code) => ({ code, name: code }))
const departure = '2026-05-01T10:00:00Z'

const scheduled = (flight_number: string, more: object = {}) =>
  envelopeOf('FlightScheduled', flightIdOf(flight_number), 1, {
    flight_id: flightIdOf(flight_number),
    flight_number,
    departure,
    origin,
    destination,
    seats: { ...none, economy: 3, first: 1 },
    ...more,
  })
const moved = (name: 'SeatsTaken' | 'SeatsGivenBack', flight_number: string, sequence: number) =>
  envelopeOf(name, flightIdOf(flight_number), sequence, {
    flight_id: flightIdOf(flight_number),
    reservation_id: newId(),
    seats: { ...none, economy: 2 },
  })

test('a flight is shown with the seats that are taken and left', async () => {
  await readSide.project(
    scheduled('AV244'),
    moved('SeatsTaken', 'AV244', 2),
    moved('SeatsGivenBack', 'AV244', 3),
    moved('SeatsTaken', 'AV244', 4),
  )
  const answer = await get('/flights/AV244')
  expect(answer.headers.get('etag')).toBe('"4.1"')
  expect(await answer.json()).toEqual({
    id: flightIdOf('AV244'),
    flight_number: 'AV244',
    departure: '2026-05-01T10:00:00.000Z',
    origin,
    destination,
    seats: { ...none, economy: 3, first: 1 },
    taken: { ...none, economy: 2 },
    left: { ...none, economy: 1, first: 1 },
    version: 4,
  })
})

test('a flight is found by its number, however it is written, and by its id', async () => {
  await readSide.project(scheduled('IB1'))
  const id = flightIdOf('IB1')
  for (const path of ['ib1', 'IB%201', id, id.toUpperCase()])
    expect(await (await get(`/flights/${path}?min_version=1`)).json()).toMatchObject({ id })
  expect((await get('/flights/XX9')).status).toBe(404)
  expect((await get('/flights/XX9?min_version=1')).status).toBe(503)
})

test('flights are listed by departure, over pages', async () => {
  const days = ['2027-01-03', '2027-01-01', '2027-01-02']
  for (const [at, day] of days.entries())
    await readSide.project(scheduled(`LIST${at}`, { departure: `${day}T10:00:00Z` }))
  const first = await get('/flights?limit=2')
  const { items, next_cursor } = (await first.json()) as {
    items: { flight_number: string }[]
    next_cursor: string
  }
  expect(items.map((one) => one.flight_number)).toEqual(['LIST0', 'LIST2'])
  const second = await get(`/flights?limit=1&cursor=${next_cursor}`)
  expect(await second.json()).toMatchObject({ items: [{ flight_number: 'LIST1' }] })
})
