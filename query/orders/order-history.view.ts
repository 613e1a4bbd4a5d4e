import type { StreamEvent, View } from '../projection/view.ts'
import { type OrderHistoryRow, orderHistoryTable } from './order.table.ts'

/**
 * What has happened to an order, to its stock, and to whatever else names it? A link of every stream
 * whose events may name an order.
 */
export const orderHistoryView: View<OrderHistoryRow, StreamEvent> = {
  name: 'order_history',
  revision: 1,
  table: orderHistoryTable,
  rowId: (event) => (orderOf(event) === undefined ? undefined : event.id),
  project(before, event) {
    const order_id = orderOf(event)
    if (order_id === undefined) return before
    const { id, module, type, data, time, correlationId, causationId } = event
    const caused = { correlation_id: correlationId, causation_id: causationId }
    return { id, order_id, module, type, data, time, ...caused }
  },
}

const orderOf = ({ data }: StreamEvent) =>
  'order_id' in data && typeof data.order_id === 'string' ? data.order_id : undefined
