import { expect, test } from 'bun:test'
import { z } from 'zod'
import { eventsOf } from '../shared/contracts/contract.ts'
import type { Transaction } from '../shared/postgres/database.ts'
import { accountId } from '../tests/support/uow-bank.ts'
import { accounts } from '../tests/support/uow-bank-rows.ts'
import { failureOf } from '../tests/support/uow-harness.ts'
import { createOrder } from '../tests/support/uow-order-house.ts'
import { OrderCreated, orderModel, ordersOf } from '../tests/support/uow-orders.ts'
import { eventSourced } from './aggregate.ts'
import type { IntegrationMapper } from './handler.ts'
import { unitOfWork } from './unit-of-work.ts'

const nothingThere: Transaction = {
  query: async () => [],
  savepoint: (work) => work(nothingThere),
}
const id = accountId(1)

const slugWith = async (mapper: IntegrationMapper | null) => {
  const model = orderModel()
  const unit = unitOfWork({ ...model, integration: { ...model.integration, OrderCreated: mapper } })
  const run = { envelope: createOrder(id), key: id, attempts: 1 }
  const options = { wait: true, now: new Date() }
  return (await failureOf(() => unit.execute(nothingThere, [run], options))).slug
}

test('an event of a stream cannot stay inside: it would be forgotten', async () => {
  expect(await slugWith(null)).toBe('event-without-record')
})

test('an event that could not be read back is never recorded', async () => {
  const { type, topic } = OrderCreated
  expect(await slugWith(() => ({ type, topic, data: { total: NaN, currency: 'EUR' } }))).toBe(
    'event-not-readable',
  )
  expect(await slugWith(() => ({ type: `${type}9`, topic, data: {} }))).toBe('event-not-readable')
  expect(await slugWith(() => ({ type: 'other', topic, data: {} }))).toBe('event-not-readable')
})

test('streams and rows share the ranks', async () => {
  const twin = { ...ordersOf(), rank: accounts.rank }
  const failure = await failureOf(async () => unitOfWork(orderModel(), [accounts, twin]))
  expect(failure.slug).toBe('double-rank')
})

test('a declaration that cannot be kept as events does not compile', () => {
  const Timed = eventsOf('trials')('Timed', z.strictObject({ at: z.string() }))
  type TimedEvent = { readonly type: 'Timed'; readonly data: { readonly at: string } }
  type State<At> = { readonly id: string; readonly version: number; readonly at: At }
  const more = { name: 'trials', rank: 1, stateVersion: 1 }
  const made = [
    eventSourced<State<string>, TimedEvent>({
      ...more,
      contracts: { Timed },
      evolve: (_state, { data }, place) => ({ id: place.id, at: data.at }),
    }),
    eventSourced<State<Date>, TimedEvent>({
      ...more,
      contracts: { Timed },
      // @ts-expect-error A time is no JSON: a snapshot would give back text.
      evolve: (_state, { data }, place) => ({ id: place.id, at: new Date(data.at) }),
    }),
    eventSourced<State<string>, TimedEvent>({
      ...more,
      // @ts-expect-error No contract reads the event back.
      contracts: {},
      evolve: (_state, { data }, place) => ({ id: place.id, at: data.at }),
    }),
    eventSourced<State<string>, { readonly type: 'Timed'; readonly data: { readonly at: number } }>(
      {
        ...more,
        // @ts-expect-error The contract reads back something else.
        contracts: { Timed },
        evolve: (_state, { data }, place) => ({ id: place.id, at: String(data.at) }),
      },
    ),
  ]
  expect(made).toHaveLength(4)
})
