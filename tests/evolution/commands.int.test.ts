import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { commands, subscriptions } from '../../shared/contracts/topology.ts'
import type { BatchConsumer } from '../../shared/delivery/batch-consumer.ts'
import { listDeadLetters } from '../../shared/delivery/lane-listing.ts'
import { redriveLane } from '../../shared/delivery/lane-operations.ts'
import { newId } from '../../shared/kernel/ids.ts'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import { until } from '../support/until.ts'
import { readStream } from '../../uow/event-log.ts'
import { firstCreateOrder, laterModel, laterTypes, model } from './builds.ts'
import { cancelling, creating, type House, openHouse, productNamed } from './house.ts'

let house: House
let worker: BatchConsumer | undefined
beforeAll(async () => {
  house = await openHouse()
  const selling = house.worker(model())
  const product = productNamed('prod-1')
  await house.producer(commands.CreateProduct.topic)(product)
  await house.ends([product])
  await selling.stop()
}, 60_000)
afterEach(() => worker?.stop())
afterAll(() => house.close())

const before = (id: string) => creating(id, firstCreateOrder.type)
const today = (id: string, currency = 'EUR') =>
  creating(id, commands.CreateOrder.type, { currency })

test('producers of two versions at once: all is carried out, each key in its order', async () => {
  const [old, current] = [house.producer(), house.producer()]
  // Which one wins shows which came first; of those in yen none does.
  const ways = [
    { creates: [before, today], ends: ['completed', 'order-exists', 'completed'] },
    { creates: [today, before], ends: ['completed', 'order-exists', 'completed'] },
    {
      creates: [(id: string) => today(id, 'JPY'), before],
      ends: ['currency-mismatch', 'completed', 'completed'],
    },
  ]
  worker = house.worker(model())
  const sent = await Promise.all(
    Array.from({ length: 30 }, async (_, n) => {
      const { creates, ends } = ways[n % ways.length]!
      const id = newId()
      const made: readonly Envelope[] = [...creates.map((create) => create(id)), cancelling(id)]
      for (const command of made)
        await (command.type === firstCreateOrder.type ? old : current)(command)
      return { id, made, ends }
    }),
  )
  expect(await house.ends(sent.flatMap(({ made }) => made))).toEqual(
    sent.flatMap(({ ends }) => ends),
  )
  for (const { id, made, ends } of sent) {
    const stream = await readStream(house.database, 'orders', id)
    const completed = made.filter((_, at) => ends[at] === 'completed')
    expect(stream.map(({ causation_id }) => causation_id)).toEqual(completed.map((c) => c.id))
    expect(stream[0]?.data).toMatchObject({ total: 32.5, currency: 'EUR' })
  }
})

test('one of a newer version is parked with what follows it, and carried out by a build that knows it', async () => {
  const send = house.producer()
  const [key, other] = [newId(), newId()]
  const newer = creating(key, laterTypes.CreateOrder, { currency: 'EUR', gift: true })
  const [following, unharmed] = [cancelling(key), before(other)]
  worker = house.worker(model())
  for (const command of [newer, following, unharmed]) await send(command)
  const letter = await until(async () => {
    const letters = await listDeadLetters(house.database)
    return letters.find(({ messageId, waiting }) => messageId === newer.id && waiting === 1)
  })
  expect(letter).toMatchObject({ slug: 'unknown-version' })
  expect(await house.ends([newer, following, unharmed], 2)).toEqual([
    'unknown-version',
    undefined,
    'completed',
  ])
  await worker.stop()

  worker = house.worker(laterModel())
  expect(await redriveLane(house.database, { subscription: subscriptions.worker, key })).toBe(
    'done',
  )
  // Those of both versions before are no stranger to it.
  const more = [before(newId()), today(newId())]
  for (const command of more) await send(command)
  expect(await house.ends([following, ...more])).toEqual(['completed', 'completed', 'completed'])
  expect(await house.ends([newer])).toEqual(['completed'])
  const stream = await readStream(house.database, 'orders', key)
  expect(stream.map(({ causation_id }) => causation_id)).toEqual([newer.id, following.id])
  expect(await listDeadLetters(house.database)).toEqual([])
})
