import type { OrderStatus } from '../../shared/contracts/orders.ts'
import {
  type Decision,
  type DecisionContext,
  happened,
  rejected,
  type Rejection,
  type Rows,
} from '../../uow/handler.ts'
import { type Order, type OrderEvent, orders } from './order.aggregate.ts'
import { isTheirs, mayBecome } from './rules.ts'

interface Step {
  readonly id: string
  readonly to: OrderStatus
  readonly event: OrderEvent
}

/** The order, if it is there and the sender's own. */
export const ownOrder = (
  rows: Rows,
  { sender }: DecisionContext,
  id: string,
): Order | Rejection => {
  const order = rows.get(orders, id)
  return order && isTheirs(sender, order.customer_id)
    ? order
    : rejected('not-found', `there is no order ${id}`)
}

/** Moves an order on, if it may. */
export const transition = (order: Order, { id, to, event }: Step): Decision =>
  mayBecome(order.status, to)
    ? [happened(orders, id, event)]
    : rejected('invalid-transition', whyNot(order, to))

const whyNot = ({ id, status }: Order, to: OrderStatus) =>
  to === 'CANCELLED' && status === 'SHIPPED'
    ? `order ${id} is SHIPPED: what has left the house cannot be cancelled any more`
    : `order ${id} is ${status} and cannot become ${to}`
