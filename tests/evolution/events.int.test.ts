import { afterAll, beforeAll, expect, test } from 'bun:test'
import { orderStream } from '../../query/orders/order.stream.ts'
import type { Stream } from '../../query/projection/view.ts'
import { events, subscriptions } from '../../shared/contracts/topology.ts'
import { listDeadLetters } from '../../shared/delivery/lane-listing.ts'
import { redriveLane } from '../../shared/delivery/lane-operations.ts'
import { newId } from '../../shared/kernel/ids.ts'
import { orderCreated, orderReserved } from '../support/order-events.ts'
import { until } from '../support/until.ts'
import { firstCreateOrder, laterStream, laterTypes, model, modelOfBefore } from './builds.ts'
import { cancelling, creating, type House, openHouse } from './house.ts'
import { recordedMessages } from './recorded-messages.ts'

let house: House
beforeAll(async () => {
  house = await openHouse()
}, 60_000)
afterAll(() => house.close())

const { topic, type: typeOfToday } = events.OrderCreated
const firstType = typeOfToday.replace(/\d+$/, '1')
const stored = recordedMessages().find(({ envelope }) => envelope.type === firstType)!
const streams: readonly Stream[] = [orderStream as Stream]

/** Types and how many of them, of what waits to be published. */
const unpublished = () =>
  house.database.query(
    `SELECT properties->>'ce_type' AS type, count(*)::integer AS count FROM delivery.outbox
     WHERE topic = $1 GROUP BY 1 ORDER BY 1`,
    [topic],
  )
const shown = (ids: readonly string[]) =>
  house.database.query<{ status: string; version: number; currency: string; total: number }>(
    `SELECT status, version, currency, total::float AS total FROM read.orders
     WHERE id = ANY($1::uuid[])`,
    [ids],
  )
const createdBefore = async (count: number) => {
  const ids = Array.from({ length: count }, () => newId())
  const worker = house.worker(modelOfBefore(stored.envelope.data))
  const made = ids.map((id) => creating(id, firstCreateOrder.type))
  await Promise.all(made.map(house.producer()))
  expect(new Set(await house.ends(made))).toEqual(new Set(['completed']))
  await worker.stop()
  return ids
}

test('events that a worker of before left in the outbox reach the views of today, in order', async () => {
  const relayOfBefore = house.relay()
  const published = await createdBefore(5)
  await until(async () => (await unpublished()).length === 0)
  await relayOfBefore.stop()
  const left = await createdBefore(5)
  expect(await unpublished()).toEqual([{ type: firstType, count: 5 }])

  const all = [...published, ...left]
  const worker = house.worker(model())
  const cancels = all.map(cancelling)
  await Promise.all(cancels.map(house.producer()))
  // Its stream begins with an event of the first version, which it can go on from.
  expect(new Set(await house.ends(cancels))).toEqual(new Set(['completed']))
  const [relay, projector] = [house.relay(), house.projector(streams)]
  const rows = await until(async () => {
    const found = await shown(all)
    return found.filter(({ version }) => version === 2).length === all.length && found
  })
  for (const row of rows || [])
    expect(row).toEqual({ status: 'CANCELLED', version: 2, currency: 'EUR', total: 42.5 })
  expect(await house.database.query('SELECT FROM delivery.lane')).toEqual([])
  const log = await house.database.query(
    `SELECT DISTINCT type FROM uow.event WHERE stream_module = 'orders' AND version = 1`,
  )
  // What was recorded stays as it was recorded.
  expect(log).toEqual([{ type: firstType }])
  await Promise.all([worker, relay, projector].map((part) => part.stop()))
}, 30_000)

test('one of a newer version is parked with what follows it, and shown by a build that knows it', async () => {
  const [key, other] = [newId(), newId()]
  const newer = { ...orderCreated(key, { gift: true }), type: laterTypes.OrderCreated }
  const data = { ...stored.envelope.data, order_id: other }
  const recorded = { ...stored.envelope, id: newId(), subject: other, data }
  const publish = house.producer(topic)
  const projector = house.projector(streams)
  for (const event of [newer, orderReserved(key), recorded]) await publish(event)
  const letter = await until(async () => {
    const letters = await listDeadLetters(house.database)
    return letters.find(({ messageId, waiting }) => messageId === newer.id && waiting === 1)
  })
  expect(letter).toMatchObject({ slug: 'unknown-version' })
  await until(async () => (await shown([other])).length === 1)
  expect(await shown([key])).toEqual([])
  await projector.stop()

  const later = house.projector([laterStream])
  expect(await redriveLane(house.database, { subscription: subscriptions.projector, key })).toBe(
    'done',
  )
  await until(async () => (await shown([key]))[0]?.version === 2)
  expect(await shown([key])).toMatchObject([{ status: 'RESERVED', currency: 'EUR' }])
  expect(await listDeadLetters(house.database)).toEqual([])
  await later.stop()
}, 30_000)
