import { orderEvents } from '../../shared/contracts/orders.ts'
import type { Aggregate, DomainEvent } from '../../uow/aggregate.ts'
import { asPublished, parsedBy } from '../wiring.ts'
import { cancelOrder } from './cancel-order.ts'
import { createOrder } from './create-order.ts'
import { markOrderPaid } from './mark-order-paid.ts'
import { markOrderReserved } from './mark-order-reserved.ts'
import { markOrderShipped } from './mark-order-shipped.ts'
import { payOrder } from './pay-order.ts'
import type { OfferRow } from './price-lines.ts'

export { ordersReactor } from './fulfilment.reactor.ts'

export interface OrderModuleOptions<Row extends OfferRow, Event extends DomainEvent> {
  /** The products' aggregate of what is sold under which SKU, and for how much. */
  readonly offers: Aggregate<Row, Event>
}

/** What the module does: its use cases, what it reacts to, and what others get to see of it. */
export const orderModule = <Row extends OfferRow, Event extends DomainEvent>({
  offers,
}: OrderModuleOptions<Row, Event>) => ({
  commands: {
    CreateOrder: parsedBy(createOrder(offers)),
    PayOrder: parsedBy(payOrder),
    CancelOrder: parsedBy(cancelOrder),
    MarkOrderReserved: parsedBy(markOrderReserved),
    MarkOrderPaid: parsedBy(markOrderPaid),
    MarkOrderShipped: parsedBy(markOrderShipped),
  },
  reactions: {},
  integration: {
    OrderCreated: asPublished(orderEvents.OrderCreated),
    OrderReserved: asPublished(orderEvents.OrderReserved),
    OrderPaymentRequested: asPublished(orderEvents.OrderPaymentRequested),
    OrderPaid: asPublished(orderEvents.OrderPaid),
    OrderShipped: asPublished(orderEvents.OrderShipped),
    OrderCancelled: asPublished(orderEvents.OrderCancelled),
  },
})
