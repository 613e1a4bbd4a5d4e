import type { DataOf } from '../../shared/contracts/contract.ts'
import { MarkOrderShipped } from '../../shared/contracts/orders.ts'
import { handler, lock } from '../../uow/handler.ts'
import { orders } from './order.aggregate.ts'
import { ownOrder, transition } from './transition.ts'

/** The same shipment may be told twice. */
export const markOrderShipped = handler<DataOf<typeof MarkOrderShipped>>({
  contract: MarkOrderShipped,
  locks: ({ order_id }) => [lock(orders, order_id)],
  decide(data, rows, context) {
    const { order_id: id, shipment_id } = data
    const order = ownOrder(rows, context, id)
    if ('rejected' in order) return order
    if (order.shipment_id === shipment_id) return []
    return transition(order, { id, to: 'SHIPPED', event: { type: 'OrderShipped', data } })
  },
})
