import type { DataOf } from '../../shared/contracts/contract.ts'
import { CancelOrder } from '../../shared/contracts/orders.ts'
import { handler, lock } from '../../uow/handler.ts'
import { orders } from './order.aggregate.ts'
import { ownOrder, transition } from './transition.ts'

/** Says that the order is off. What it holds and has paid is given back by whoever hears of it. */
export const cancelOrder = handler<DataOf<typeof CancelOrder>>({
  contract: CancelOrder,
  locks: ({ order_id }) => [lock(orders, order_id)],
  decide({ order_id, reason = null }, rows, context) {
    const order = ownOrder(rows, context, order_id)
    if ('rejected' in order) return order
    const data = { order_id, reason }
    return transition(order, {
      id: order_id,
      to: 'CANCELLED',
      event: { type: 'OrderCancelled', data },
    })
  },
})
