import { orderEvents } from '../../shared/contracts/orders.ts'
import type { Stream } from '../projection/view.ts'
import { orderHistoryView } from './order-history.view.ts'
import { type OrderEvent, orderView } from './order.view.ts'

export const orderStream: Stream<OrderEvent> = {
  module: 'orders',
  contracts: orderEvents,
  head: orderView,
  links: [orderHistoryView],
}
