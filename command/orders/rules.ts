import type { OrderStatus } from '../../shared/contracts/orders.ts'
import type { Sender } from '../../uow/handler.ts'

const mayFollow: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  CREATED: ['RESERVED', 'CANCELLED'],
  RESERVED: ['PAID', 'CANCELLED'],
  PAID: ['SHIPPED', 'CANCELLED'],
  SHIPPED: [],
  CANCELLED: [],
}

export const mayBecome = (from: OrderStatus, to: OrderStatus): boolean =>
  mayFollow[from].includes(to)

/** True for what an order has been already, so that it need not become it again. */
export const hasBeen = (now: OrderStatus, wanted: OrderStatus): boolean =>
  now === wanted || mayFollow[wanted].some((next) => next !== 'CANCELLED' && hasBeen(now, next))

/** Everybody's where callers need no token, and for the house itself; an agent's always. */
export const isTheirs = (sender: Sender | undefined, customerId: string): boolean =>
  !sender || sender.agent || customerId === sender.id
