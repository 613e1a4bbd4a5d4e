import { expect, test } from 'bun:test'
import { flightIdOf } from '../../shared/contracts/flights.ts'
import { commandAppWith } from '../../tests/support/command-app.ts'
import { exampleFlight } from './flight.bodies.ts'

const send = async (part: object) => {
  const under = commandAppWith()
  const answer = await under.post('/flights', { ...exampleFlight, ...part })
  const body = (await answer.json()) as { id?: string; errors?: { pointer: string }[] }
  const pointers = [...new Set(body.errors?.map(({ pointer }) => pointer))]
  return { status: answer.status, id: body.id, pointers, sent: under.published }
}

test('a flight goes under the id that follows from its number, however that is written', async () => {
  const { status, id, sent } = await send({ flight_number: 'av 244' })
  expect([status, id]).toEqual([202, flightIdOf('AV244')])
  expect(sent[0]?.topic).toBe('persistent://aeroalpes/commands/reservations')
  expect(sent[0]?.envelope.data).toMatchObject({ flight_id: id, flight_number: 'AV244' })
})

test('a flight that is yet to be made has no version to match', async () => {
  const under = commandAppWith()
  const answer = await under.post('/flights', exampleFlight, { 'if-match': '"1"' })
  expect([answer.status, under.published]).toEqual([400, []])
})

test('an airport may be a code alone, and a class of which there are no seats left out', async () => {
  const { sent } = await send({ origin: 'BOG', destination: 'MAD', seats: { economy: 3 } })
  expect(sent[0]?.envelope.data).toMatchObject({
    origin: { code: 'BOG', name: 'BOG' },
    destination: { code: 'MAD', name: 'MAD' },
    seats: { economy: 3, premium: 0, business: 0, first: 0 },
  })
})

test.each([
  [JSON.stringify({ flight_number: '' }), '/flight_number'],
  [JSON.stringify({ departure: 'tomorrow' }), '/departure'],
  [JSON.stringify({ origin: 7 }), '/origin'],
  [JSON.stringify({ destination: { code: 'BOG', name: 'again' } }), '/destination'],
  [JSON.stringify({ destination: ' bog' }), '/destination'],
  [JSON.stringify({ seats: { economy: -1 } }), '/seats/economy'],
  [JSON.stringify({ seats: { economy: 1.5 } }), '/seats/economy'],
  [JSON.stringify({ seats: { economy: 1001 } }), '/seats/economy'],
  [JSON.stringify({ seats: { cockpit: 1 } }), '/seats/cockpit'],
  [JSON.stringify({ pilot: 'x' }), '/pilot'],
])('a flight with %s is 400 and nothing is sent', async (part, pointer) => {
  const { status, pointers, sent } = await send(JSON.parse(part) as object)
  expect([status, pointers, sent]).toEqual([400, [pointer], []])
})
