import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { projectionsOf } from '../../query/projection/projections.ts'
import { diff } from '../../query/rebuild/rebuild.ts'
import { allStreams } from '../../query/streams.ts'
import { readersIn } from '../../shared/contracts/topology.ts'
import { userVault } from '../../shared/vault/user-keys.ts'
import { reservationBody, userBody } from '../support/bodies.ts'
import { accepted, finished } from '../support/client.ts'
import { type EchoingHouse, echoingHouse, houseSecret } from '../support/echoing-house.ts'
import { eventually } from '../support/system.ts'

const address = { street: 'Calle 26 #103-9', city: 'Bogotá', postal_code: '111321', country: 'CO' }
const orders = [
  { payment_method: 'card-ok', shipping_address: address },
  { payment_method: 'card-ok' },
  { payment_method: 'card-ok', shipping_address: { ...address, postal_code: '00000' } },
  { payment_method: 'card-declined' },
  { payment_method: 'card-ok', items: [{ sku: 'p', quantity: 500 }] },
] as const
const airports = { origin: 'BOG', destination: 'JFK' }
const departure = '2022-11-22T13:10:00Z'
const flight = { flight_number: 'AV244', departure, ...airports, seats: { economy: 150 } }
const [leg] = reservationBody.itineraries[0].odos[0].segments[0].legs
const legs = [{ ...leg, flight_number: flight.flight_number }]
const onFlight = {
  passengers: [{ type: 'adult', class: 'economy' }],
  itineraries: [{ odos: [{ segments: [{ legs }] }] }],
}

/** Something of everything that can be asked for, one after the other; then orders, all at once. */
const story = async ({ url, database, isAtRest }: EchoingHouse) => {
  const done = async (path: string, body: object) => {
    const made = await accepted(`${url}${path}`, body)
    await finished(made)
    return made
  }
  const customer = await done('/users', userBody('ana@example.org'))
  await done('/flights', flight)
  const reservation = await done('/reservations', onFlight)
  await done(`/reservations/${reservation.id}/approve`, {})
  const product = await done('/products', { name: 'Pillow', sku: 'p', price: 5, stock: 100 })
  await done(`/products/${product.id}/stock`, { delta: 7 })
  await fetch(`${url}/products/${product.id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', prefer: 'wait=20' },
    body: JSON.stringify({ name: 'Cushion' }),
  })
  for (const wishes of orders) {
    const body = { customer_id: customer.id, items: [{ sku: 'p', quantity: 2 }], ...wishes }
    await accepted(`${url}/orders`, body)
  }
  await eventually('every order has ended, and everybody has heard of it', async () => {
    const ends = await database.query(
      `SELECT FROM uow.event WHERE type ~ 'Order(Shipped|Cancelled)'`,
    )
    const timers = await database.query(`SELECT FROM uow.timer WHERE state = 'set'`)
    const asked = await database.query('SELECT FROM write.payment_calls')
    const isLeft = timers.length + asked.length > 0
    return ends.length === orders.length && !isLeft && (await isAtRest())
  })
}

describe.each(['orchestration', 'choreography'] as const)('by %s', (style) => {
  let house: EchoingHouse
  beforeAll(async () => {
    house = await echoingHouse(style)
    await story(house)
  }, 60_000)
  afterAll(() => house.close(), 60_000)

  const consumers = Object.keys(readersIn(style)).filter((name) => name !== 'tutorial-bridge')
  test.each(consumers)('%s lets a message that comes again take no effect', async (name) => {
    const { ids, handed } = house.heardBy(name)
    expect(ids.size).toBeGreaterThan(0)
    expect(handed).toBeGreaterThanOrEqual(2 * ids.size)
    const seen = await house.seenBy(name)
    expect(seen).toBeGreaterThan(0)
    expect(await house.effectsOf(name)).toBe(seen)
  })

  test('nobody publishes anything twice because it heard something twice', () => {
    for (const name of consumers) {
      const { ids, places } = house.heardBy(name)
      expect(places.size).toBe(ids.size)
    }
  })

  test('each command is carried out once', async () => {
    const { database } = house
    expect(
      await database.query(`SELECT type, problem FROM uow.receipt WHERE status <> 'completed'`),
    ).toEqual([])
    expect(await database.query('SELECT on_hand, held FROM write.stock')).toEqual([
      { on_hand: 100 + 7 - 2 * 2, held: 0 },
    ])
    expect(await database.query('SELECT taken FROM write.flights')).toMatchObject([
      { taken: { economy: 1 } },
    ])
  })

  test('no card is charged twice, and no money given back twice', async () => {
    const books = await house.database.query(
      'SELECT answer, count(*)::int FROM write.sandbox_ledger GROUP BY 1 ORDER BY 1',
    )
    expect(books).toEqual([
      { answer: 'charged', count: 3 },
      { answer: 'declined', count: 1 },
      { answer: 'refunded', count: 1 },
    ])
  })

  test('each view, given events shuffled, is what the log gives in order', async () => {
    const { database } = house
    const streams = allStreams(userVault(database, houseSecret))
    for (const projection of projectionsOf(streams)) {
      const { rows } = await diff(projection, { log: database, read: database })
      expect(rows).toEqual([])
    }
    expect(await database.query('SELECT name FROM read.product_search')).toEqual([
      { name: 'Cushion' },
    ])
  })

  test('each mail is written once', async () => {
    const mails = await house.database.query<{ about: string }>(
      `SELECT split_part(type, '.', 3) AS about FROM read.notifications JOIN uow.event USING (id)`,
    )
    const counts = Object.entries(Object.groupBy(mails, ({ about }) => about))
    expect(Object.fromEntries(counts.map(([about, all]) => [about, all?.length]))).toEqual({
      UserRegistered: 1,
      OrderPaid: 3,
      OrderShipped: 2,
      OrderCancelled: 3,
    })
  })
})
