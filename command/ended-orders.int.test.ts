import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { orderEnds, orderEvents } from '../shared/contracts/orders.ts'
import type { ReceivedMessage } from '../shared/messaging/port.ts'
import { type Envelope, toMessage } from '../shared/messaging/envelope.ts'
import { type Database, openDatabase } from '../shared/postgres/database.ts'
import { heard, order_id } from '../tests/support/fulfilment.ts'
import { type TestDatabase, testDatabase } from '../tests/support/postgres.ts'
import type { AnySaga } from '../uow/saga.ts'
import type { SagaTable } from '../uow/saga-rows.ts'
import { sagaWork } from '../uow/saga-work.ts'
import { inventoryReactor } from './inventory/index.ts'
import { ordersReactor } from './orders/index.ts'
import { paymentsReactor } from './payments/index.ts'
import { orderFulfilment } from './sagas/order-fulfilment.saga.ts'
import { shippingReactor } from './shipping/index.ts'

let home: TestDatabase
let database: Database
beforeAll(async () => {
  home = await testDatabase(['delivery', 'uow'])
  database = openDatabase(home.url, { name: 'test', max: 2 })
}, 60_000)
afterAll(async () => {
  await database.close()
  await home.drop()
}, 60_000)
beforeEach(async () => {
  await database.query('TRUNCATE uow.saga, uow.reactor, uow.event, delivery.outbox')
})

const created: Envelope = {
  id: 'created',
  type: orderEvents.OrderCreated.type,
  source: '/tests',
  time: new Date().toISOString(),
  subject: order_id,
  data: heard.created().data,
  correlationId: 'made',
}
const rows = async (table: string) => {
  const [row] = await database.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`)
  return row?.n
}

const listeners = [
  ['the process manager', 'saga', orderFulfilment()],
  ['inventory', 'reactor', inventoryReactor()],
  ['payments', 'reactor', paymentsReactor()],
  ['shipping', 'reactor', shippingReactor()],
  ['orders', 'reactor', ordersReactor()],
] as const satisfies readonly (readonly [string, SagaTable, AnySaga])[]

/** As recorded by this build, and by one to come. */
const typesOf = ({ type }: { readonly type: string }) => [type, type.replace(/\d+$/, '99')]

test.each(
  listeners.flatMap(([name, table, saga]) =>
    [undefined, ...orderEnds.flatMap(typesOf)].map(
      (end) => [name, end ?? 'nothing', table, saga, end] as const,
    ),
  ),
)(
  '%s that hears of an order after %s begins only what has not ended',
  async (_name, _after, table, saga, end) => {
    if (end)
      await database.query(
        `INSERT INTO uow.event (stream_module, stream_id, version, id, type, data, time,
           correlation_id, causation_id, command_id)
         VALUES ('orders', $1, 5, gen_random_uuid(), $2, '{}', now(), 'c', 'c', 'c')`,
        [order_id, end],
      )
    const message = toMessage(created) as ReceivedMessage
    const delivery = { id: 'created', key: order_id, envelope: created, message, attempts: 1 }
    const work = sagaWork({ saga, table, clock: () => new Date(), committed: () => {} })
    await database.transaction((transaction) =>
      work.handle(transaction, [delivery], { wait: false }),
    )
    expect(await rows(`uow.${table}`)).toBe(end ? 0 : 1)
    if (end) expect(await rows('delivery.outbox')).toBe(0)
  },
)
