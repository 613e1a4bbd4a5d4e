import type { DataOf, CommandContract } from '../../shared/contracts/contract.ts'
import { inventoryCommands } from '../../shared/contracts/inventory.ts'
import { orderCommands } from '../../shared/contracts/orders.ts'
import { paymentCommands } from '../../shared/contracts/payments.ts'
import { shippingCommands } from '../../shared/contracts/shipping.ts'
import type { SagaCommand } from '../../uow/saga.ts'
import type { Fulfilment, FulfilmentStep } from './fulfilment.ts'

/** A command without the attempt, which the step knows. */
type Order = Omit<SagaCommand, 'step' | 'attempt'>

const order = <Contract extends CommandContract>(
  contract: Contract,
  data: DataOf<Contract> & object,
): Order => ({ contract, data })

/** One charge an order: whoever asks again, asks for the same one. */
export const paymentKeyOf = ({ order: { order_id } }: Fulfilment): string => order_id

const because = ({ reason }: Fulfilment) => (reason === null ? {} : { reason })

/** What each step asks for; nothing where it only waits. */
export const askFor = (fulfilment: Fulfilment, step: FulfilmentStep): Order | undefined => {
  const { order_id } = fulfilment.order
  switch (step) {
    case 'hold-stock':
      return holdStock(fulfilment)
    case 'charge':
      return charge(fulfilment)
    case 'commit-stock':
      return order(inventoryCommands.CommitStock, { order_id })
    case 'ship':
      return ship(fulfilment)
    case 'confirm':
      return confirm(fulfilment)
    case 'cancel-shipment':
      return order(shippingCommands.CancelShipment, { order_id, ...because(fulfilment) })
    case 'release-stock':
      return order(inventoryCommands.ReleaseStock, { order_id, ...because(fulfilment) })
    case 'refund':
      return order(paymentCommands.RefundPayment, {
        order_id,
        payment_key: paymentKeyOf(fulfilment),
        ...because(fulfilment),
      })
    case 'cancel-order':
      return order(orderCommands.CancelOrder, { order_id, ...because(fulfilment) })
    case 'await-payment':
    case 'shipped':
    case 'cancelled':
      return undefined
    default:
      return step satisfies never
  }
}

const holdStock = ({ order: { order_id, items } }: Fulfilment) =>
  order(inventoryCommands.HoldStock, {
    order_id,
    items: items.map(({ product_id, sku, quantity }) => ({ product_id, sku, quantity })),
  })

const charge = (fulfilment: Fulfilment) => {
  const { order_id, total: amount, currency } = fulfilment.order
  const { payment_method } = fulfilment
  if (payment_method === null) throw new Error(`order ${order_id} is charged without a method`)
  const payment_key = paymentKeyOf(fulfilment)
  return order(paymentCommands.ChargePayment, {
    order_id,
    payment_key,
    amount,
    currency,
    payment_method,
  })
}

const ship = ({ order: { order_id, items, shipping_address, locale } }: Fulfilment) => {
  if (shipping_address === null) throw new Error(`order ${order_id} is shipped to no address`)
  return order(shippingCommands.PrepareShipment, {
    order_id,
    address: shipping_address,
    items: items.map(({ sku, name, quantity }) => ({ sku, name, quantity })),
    ...(locale === null ? {} : { locale }),
  })
}

const confirm = ({ order: { order_id }, shipment }: Fulfilment) =>
  // Without an address nothing is sent: it is handed over, under the order's own number.
  order(orderCommands.MarkOrderShipped, {
    order_id,
    ...(shipment ?? { shipment_id: order_id, carrier: null }),
  })
