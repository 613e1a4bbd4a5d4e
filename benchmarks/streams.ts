import { parseArgs } from 'node:util'
import { newId } from '../shared/kernel/ids.ts'
import { addItem, openOrderHouse, orderModule } from '../tests/support/uow-order-house.ts'
import { orderModel, ordersOf } from '../tests/support/uow-orders.ts'
import { aggregateCatalog } from '../uow/kept-aggregate.ts'

/** CPU of loading aggregates that are kept as their events: with a snapshot and without; alone and in a batch. */
const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '10000' },
    streams: { type: 'string', default: '20' },
    others: { type: 'string', default: '5000' },
  },
})
const [events, streams, others] = [values.events, values.streams, values.others].map(Number)
const orders = ordersOf(100)
const house = await openOrderHouse(orderModel(orders))
const { store } = aggregateCatalog([orders]).of(orders)

const fill = (ids: readonly string[], length: number) =>
  house.database.query(
    `WITH filled AS (
       INSERT INTO uow.event
       SELECT $1, id, n, gen_random_uuid(), 'aeroalpes.trial-orders.' ||
           CASE n WHEN 1 THEN 'OrderCreated.v1' ELSE 'ItemAdded.v1' END,
         CASE n WHEN 1 THEN '{"total":0}' ELSE '{"price":0,"total":0}' END::json, now(), 'c', 'c', 'c'
       FROM unnest($2::text[]) AS id, generate_series(1, $3::integer) AS n)
     INSERT INTO uow.stream SELECT $1, id, $3::integer FROM unnest($2::text[]) AS id`,
    [orderModule, ids, length],
  )

const long = Array.from({ length: streams ?? 20 }, newId)
const short = Array.from({ length: others ?? 5000 }, newId)
for (const id of long) await fill([id], events ?? 10_000)
await fill(short, 20)
await house.database.query('ANALYZE uow.event')

const measure = async (name: string, batches: readonly (readonly string[])[]) => {
  const [cpu, started] = [process.cpuUsage(), performance.now()]
  for (const ids of batches)
    await house.database.transaction((transaction) => store.lock(transaction, ids, 'FOR UPDATE'))
  const { user, system } = process.cpuUsage(cpu)
  const aggregates = batches.flat().length
  console.log(
    name.padEnd(34),
    `${((user + system) / 1000 / aggregates).toFixed(3)} ms CPU/aggregate`.padStart(26),
    `${((performance.now() - started) / batches.length).toFixed(1)} ms/batch`.padStart(16),
  )
}

const singles = long.map((id) => [id])
const hundreds = Array.from({ length: short.length / 100 }, (_, at) =>
  short.slice(at * 100, at * 100 + 100),
)
for (const round of ['warm-up', 'measured', 'measured']) {
  console.log(round)
  await house.database.query('TRUNCATE uow.snapshot')
  await measure(`${events} events, no snapshot`, singles)
  // The first command after a loss writes the snapshot; 99 more leave as many events as there can be.
  await house.settle(long.map((id) => addItem(id, 0)))
  await measure(`${events} events, fresh snapshot`, singles)
  for (let n = 0; n < 99; n++) await house.settle(long.map((id) => addItem(id, 0)))
  await measure(`${events} events, 99 after snapshot`, singles)
  await measure('20 events, batches of 100', hundreds)
}
await house.close()
