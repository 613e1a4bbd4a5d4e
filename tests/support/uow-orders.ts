import { z } from 'zod'
import { commandsOf, eventsOf } from '../../shared/contracts/contract.ts'
import { upcastFrom } from '../../shared/contracts/upcasting.ts'
import { type EventPlace, eventSourced } from '../../uow/aggregate.ts'
import { handler, happened, lock, rejected, type WriteModel } from '../../uow/handler.ts'
import { bankModel } from './uow-bank.ts'
import { accounts } from './uow-bank-rows.ts'

/** Orders that exist in tests only, kept as their events, beside the accounts of the bank. */
const command = commandsOf('trial-orders')
const event = eventsOf('trial-orders')
const id = z.string()
const cents = z.int()

const createdBefore = z.strictObject({ total: cents })
const inEuro = <Data extends object>(data: Data) => ({ ...data, currency: 'EUR' })

export const OrderCreated = event(
  'OrderCreated',
  createdBefore.extend({ currency: z.string() }),
  2,
  {
    1: upcastFrom(createdBefore, inEuro),
  },
)
/** Says what it has added up to: what was decided on can be read off the log. */
const ItemAdded = event('ItemAdded', z.strictObject({ price: cents, total: cents }))
export const orderEvents = { OrderCreated, ItemAdded } as const

const createBefore = z.strictObject({ id, total: cents })
export const CreateOrder = command(
  'CreateOrder',
  createBefore.extend({ currency: z.string() }),
  2,
  {
    1: upcastFrom(createBefore, inEuro),
  },
)
export const AddItem = command(
  'AddItem',
  z.strictObject({ id, price: cents, mode: z.enum(['pessimistic', 'optimistic']).optional() }),
)
/** Credits the account with what the order costs: a row of higher rank, found by a second stage. */
export const Refund = command('Refund', z.strictObject({ id, account: id }))

export interface Order {
  readonly id: string
  readonly version: number
  readonly total: number
  readonly currency: string
  readonly items: readonly number[]
  readonly changed_at: string
  /** Counted by a later build only. */
  readonly added?: number
}

export type OrderEvent =
  | { readonly type: 'OrderCreated'; readonly data: z.output<typeof OrderCreated.schema> }
  | { readonly type: 'ItemAdded'; readonly data: z.output<typeof ItemAdded.schema> }

const evolveOrder = (
  order: Order | undefined,
  { type, data }: OrderEvent,
  { id: orderId, now }: EventPlace,
): Omit<Order, 'version'> => {
  const changed_at = now.toISOString()
  if (type === 'OrderCreated') return { id: orderId, ...data, items: [], changed_at }
  if (!order) throw new Error(`${type} of no order`)
  return {
    ...order,
    total: order.total + data.price,
    items: [...order.items, data.price].slice(-5),
    changed_at,
  }
}

const definition = { name: 'trial-orders', rank: 15, contracts: orderEvents, evolve: evolveOrder }

/** The same orders, with snapshots as often as wanted; and as a later build sees them. */
export const ordersOf = (snapshotEvery = 3, stateVersion = 1) =>
  eventSourced<Order, OrderEvent>({ ...definition, snapshotEvery, stateVersion })

const limit = 1000

/** The bank, with orders. */
export const orderModel = (orders = ordersOf()): WriteModel => {
  const create = handler<z.output<typeof CreateOrder.schema>>({
    contract: CreateOrder,
    locks: ({ id: order }) => [lock(orders, order)],
    decide: ({ id: order, ...data }, rows) =>
      rows.get(orders, order)
        ? rejected('exists', 'there is such an order')
        : [happened(orders, order, { type: 'OrderCreated', data })],
  })
  const add = handler<z.output<typeof AddItem.schema>>({
    contract: AddItem,
    locks: ({ id: order, mode }) => [lock(orders, order, mode)],
    decide({ id: order, price }, rows) {
      const before = rows.get(orders, order)
      if (!before) return rejected('not-found', 'no such order')
      const total = before.total + price
      if (total > limit) return rejected('too-much', `${total} is over the limit`)
      return [happened(orders, order, { type: 'ItemAdded', data: { price, total } })]
    },
  })
  const refund = handler<z.output<typeof Refund.schema>>({
    contract: Refund,
    locks: ({ id: order }) => [lock(orders, order)],
    alsoLocks: ({ id: order, account }, rows) =>
      rows.get(orders, order) ? [lock(accounts, account)] : [],
    decide({ id: order, account }, rows) {
      const total = rows.get(orders, order)?.total
      if (total === undefined) return rejected('not-found', 'no such order')
      return [
        happened(orders, order, { type: 'ItemAdded', data: { price: -total, total: 0 } }),
        happened(accounts, account, { type: 'Credited', data: { amount: total } }),
      ]
    },
  })
  const published = ({ type, topic }: { readonly type: string; readonly topic: string }) => {
    return ({ data }: { readonly data: object }) => ({ type, topic, data })
  }
  const registered = [create, add, refund].map((made) => [
    made.contract.type,
    { handler: made, mapper: (data: unknown) => made.contract.schema.parse(data) },
  ])
  return {
    handlers: { ...bankModel.handlers, ...Object.fromEntries(registered) },
    reactions: bankModel.reactions,
    integration: {
      ...bankModel.integration,
      OrderCreated: published(OrderCreated),
      ItemAdded: published(ItemAdded),
    },
  }
}
