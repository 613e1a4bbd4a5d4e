import type { DataOf } from '../../shared/contracts/contract.ts'
import { PayOrder } from '../../shared/contracts/orders.ts'
import { handler, happened, lock, rejected } from '../../uow/handler.ts'
import { orders } from './order.aggregate.ts'
import { ownOrder } from './transition.ts'

/** Asks once for the charge: two requests, even with one method, might become two charges. */
export const payOrder = handler<DataOf<typeof PayOrder>>({
  contract: PayOrder,
  locks: ({ order_id }) => [lock(orders, order_id)],
  decide({ order_id, payment_method }, rows, context) {
    const order = ownOrder(rows, context, order_id)
    if ('rejected' in order) return order
    if (order.status !== 'RESERVED')
      return rejected(
        'invalid-transition',
        `order ${order_id} is ${order.status}, and only what is RESERVED can be paid`,
      )
    if (order.payment_method !== null)
      return rejected(
        'invalid-transition',
        `order ${order_id} is being charged with ${order.payment_method} already`,
      )
    const data = { order_id, payment_method }
    return [happened(orders, order_id, { type: 'OrderPaymentRequested', data })]
  },
})
