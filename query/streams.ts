import type { UserVault } from '../shared/vault/user-keys.ts'
import { flightStream } from './flights/flight.view.ts'
import { orderCustomerView } from './orders/order-customer.view.ts'
import { orderHistoryView } from './orders/order-history.view.ts'
import { orderStream } from './orders/order.stream.ts'
import { paymentStream } from './payments/payment.view.ts'
import { holdStream, productStream, stockStream } from './products/product.streams.ts'
import type { Stream, StreamEvent, View, ViewRow } from './projection/view.ts'
import { reservationStream } from './reservations/reservation.stream.ts'
import { shipmentStream } from './shipping/shipment.view.ts'
import { userStream } from './users/user.stream.ts'

/** Everything that views are made from, in the order in which their rows are locked. */
export const allStreams = (vault: UserVault): readonly Stream[] => [
  reservationStream,
  flightStream,
  linked(userStream(vault), orderCustomerView),
  productStream,
  stockStream,
  linked(holdStream, orderHistoryView),
  linked(paymentStream, orderHistoryView),
  linked(shipmentStream, orderHistoryView),
  orderStream,
]

/** Modules never import each other: what one makes of another's events is tied up here. */
const linked = <Event extends StreamEvent>(
  stream: Stream<Event>,
  ...links: readonly View<ViewRow, Event>[]
): Stream<Event> => ({ ...stream, links: [...stream.links, ...links] })
