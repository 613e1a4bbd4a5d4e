import type { DataOf } from '../../shared/contracts/contract.ts'
import { MarkOrderPaid } from '../../shared/contracts/orders.ts'
import { handler, lock } from '../../uow/handler.ts'
import { orders } from './order.aggregate.ts'
import { hasBeen } from './rules.ts'
import { ownOrder, transition } from './transition.ts'

/** The same payment may be told twice; a second one is rejected: it has to be refunded. */
export const markOrderPaid = handler<DataOf<typeof MarkOrderPaid>>({
  contract: MarkOrderPaid,
  locks: ({ order_id }) => [lock(orders, order_id)],
  decide(data, rows, context) {
    const { order_id: id, payment_id } = data
    const order = ownOrder(rows, context, id)
    if ('rejected' in order) return order
    if (hasBeen(order.status, 'PAID') && order.payment_id === payment_id) return []
    return transition(order, { id, to: 'PAID', event: { type: 'OrderPaid', data } })
  },
})
