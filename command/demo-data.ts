import { flightIdOf } from '../shared/contracts/flights.ts'
import { commands } from '../shared/contracts/topology.ts'
import { derivedId } from '../shared/kernel/ids.ts'
import type { Database } from '../shared/postgres/database.ts'
import { readReceipt } from '../shared/receipts/read-receipt.ts'
import type { RoleContext } from '../shared/runtime/role.ts'
import { required } from '../shared/runtime/settings.ts'
import { withUnitOfWork } from '../uow/with-unit-of-work.ts'
import { passwords } from './passwords.ts'
import { exampleReservation } from './reservations/bodies.ts'
import { exampleFlight } from './reservations/flight.bodies.ts'
import { exampleUser } from './users/bodies.ts'
import { registerUserData } from './users/register-data.ts'
import { writeModel } from './write-model.ts'

const demoUser = { ...exampleUser, email: 'demo@example.com' }
const userId = derivedId('demo', 'user')
const reservationId = derivedId('demo', 'reservation')
const orderId = derivedId('demo', 'order')
const flightId = flightIdOf(exampleFlight.flight_number)

/** What things can be tried with, as in the texts: two of one and one of the other cost 42.50. */
const demoProducts = [
  { sku: 'prod-1', name: 'Travel pillow', price: 16.25 },
  { sku: 'prod-2', name: 'Luggage tag', price: 10 },
] as const

const demoOrder = {
  order_id: orderId,
  customer_id: userId,
  items: [
    { sku: 'prod-1', quantity: 2 },
    { sku: 'prod-2', quantity: 1 },
  ],
  currency: 'EUR',
  shipping_address: null,
  // It ends by itself: one that waits to be paid keeps the other way of fulfilling orders from starting.
  payment_method: 'card-ok',
  locale: null,
}

/**
 * A user to log in as, with a reservation on a flight with seats, products, and an order: made once,
 * the same on every machine.
 */
export const seedDemo = async (context: RoleContext): Promise<void> => {
  const database = await context.writeDatabase()
  const credentialKey = required(context.settings, 'credentialKey')
  const model = writeModel(credentialKey)
  const now = new Date().toISOString()
  for (const [name, subject, data] of demoCommands(credentialKey)) {
    const id = name === 'CreateProduct' ? derivedId('demo', name, subject) : derivedId('demo', name)
    if (await done(database, id)) continue
    await withUnitOfWork(database, model, {
      id,
      type: commands[name].type,
      source: 'urn:aeroalpes:demo-data',
      time: now,
      subject,
      correlationId: id,
      data: await data(),
    })
  }
}

const done = async (database: Database, id: string) =>
  (await readReceipt(database, id)) !== undefined

const demoCommands = (credentialKey: string) =>
  [
    [
      'RegisterUser',
      userId,
      async () => {
        const hash = await passwords().hash(demoUser.password)
        return registerUserData(credentialKey, demoUser, hash, userId)
      },
    ],
    [
      'CreateReservation',
      reservationId,
      async () => ({ ...exampleReservation, client_id: userId, reservation_id: reservationId }),
    ],
    ['ScheduleFlight', flightId, async () => ({ ...exampleFlight, flight_id: flightId })],
    ...demoProducts.map(productCommand),
    ['CreateOrder', orderId, async () => demoOrder],
  ] as const

const productCommand = (product: (typeof demoProducts)[number]) => {
  const product_id = derivedId('demo', 'product', product.sku)
  const data = { ...product, product_id, currency: 'EUR', description: null, stock: 1000 }
  return ['CreateProduct', product_id, async () => data] as const
}
