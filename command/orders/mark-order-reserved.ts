import type { DataOf } from '../../shared/contracts/contract.ts'
import { MarkOrderReserved } from '../../shared/contracts/orders.ts'
import { handler, lock } from '../../uow/handler.ts'
import { orders } from './order.aggregate.ts'
import { hasBeen } from './rules.ts'
import { ownOrder, transition } from './transition.ts'

/** Of an order that was cancelled meanwhile it is rejected: its stock has to be given back. */
export const markOrderReserved = handler<DataOf<typeof MarkOrderReserved>>({
  contract: MarkOrderReserved,
  locks: ({ order_id }) => [lock(orders, order_id)],
  decide({ order_id }, rows, context) {
    const order = ownOrder(rows, context, order_id)
    if ('rejected' in order) return order
    if (hasBeen(order.status, 'RESERVED')) return []
    const event = { type: 'OrderReserved', data: { order_id } } as const
    return transition(order, { id: order_id, to: 'RESERVED', event })
  },
})
