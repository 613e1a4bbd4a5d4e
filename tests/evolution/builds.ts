import { z } from 'zod'
import { orders } from '../../command/orders/order.aggregate.ts'
import { asPublished } from '../../command/wiring.ts'
import { writeModel } from '../../command/write-model.ts'
import { orderStream } from '../../query/orders/order.stream.ts'
import type { Stream } from '../../query/projection/view.ts'
import { commandsOf, type Contract, eventsOf } from '../../shared/contracts/contract.ts'
import { orderCommands, orderEvents } from '../../shared/contracts/orders.ts'
import { earlierContracts, upcastFrom } from '../../shared/contracts/upcasting.ts'
import { eventSourced } from '../../uow/aggregate.ts'
import { handler, happened, lock, type WriteModel } from '../../uow/handler.ts'
import { credentialKey } from '../support/recorded-events.ts'

const { CreateOrder } = orderCommands
const { OrderCreated } = orderEvents

/** A contract as the build of before has it. */
const before = <C extends Contract>(contract: C) => {
  const [first] = earlierContracts(contract)
  if (first?.version !== 1) throw new Error(`${contract.type} has no first version any more`)
  const { version, type, schema, earlier } = first
  return { ...contract, version, type, schema, earlier }
}
export const firstCreateOrder = before(CreateOrder)
const firstOrderCreated = before(OrderCreated)

/** What the worker of before makes of orders: log and outbox get events of the first version. */
export const modelOfBefore = (event: object): WriteModel => {
  const ordersBefore = eventSourced({
    name: orders.name,
    rank: orders.rank,
    contracts: { OrderCreated: firstOrderCreated },
    stateVersion: 1,
    evolve: (_, __: { readonly type: 'OrderCreated'; readonly data: object }, { id }) => ({ id }),
  })
  const create = handler<{ readonly order_id: string }>({
    contract: firstCreateOrder,
    locks: ({ order_id }) => [lock(ordersBefore, order_id)],
    decide: ({ order_id }) => [
      happened(ordersBefore, order_id, {
        type: 'OrderCreated',
        data: { ...event, order_id },
      }),
    ],
  })
  const mapper = (data: unknown) => firstCreateOrder.schema.parse(data)
  return {
    handlers: { [firstCreateOrder.type]: { handler: create, mapper } },
    reactions: {},
    integration: { OrderCreated: asPublished(firstOrderCreated) },
  }
}

export const model = (): WriteModel => writeModel(credentialKey)

const gift = { gift: z.boolean() }
const noGift = <Data extends object>(data: Data) => ({ ...data, gift: false })
const laterCreateOrder = commandsOf('orders')('CreateOrder', CreateOrder.schema.extend(gift), 3, {
  ...CreateOrder.earlier,
  2: upcastFrom(CreateOrder.schema, noGift),
})
const laterOrderCreated = eventsOf('orders')('OrderCreated', OrderCreated.schema.extend(gift), 3, {
  ...OrderCreated.earlier,
  2: upcastFrom(OrderCreated.schema, noGift),
})
export const laterTypes = {
  CreateOrder: laterCreateOrder.type,
  OrderCreated: laterOrderCreated.type,
}

/** A worker that knows presents: no other message has changed. */
export const laterModel = (): WriteModel => {
  const { handlers, ...rest } = model()
  const { [CreateOrder.type]: today, ...others } = handlers
  if (!today) throw new Error('nobody creates orders')
  const mapper = (data: unknown) => {
    const { gift: _, ...asked } = laterCreateOrder.schema.parse(data)
    return today.mapper(asked)
  }
  const later = { handler: { ...today.handler, contract: laterCreateOrder }, mapper }
  return { ...rest, handlers: { ...others, [laterCreateOrder.type]: later } }
}

export const laterStream: Stream = {
  ...(orderStream as Stream),
  contracts: { ...orderEvents, OrderCreated: laterOrderCreated },
}
