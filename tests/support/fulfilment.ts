import { orderFulfilment } from '../../command/sagas/order-fulfilment.saga.ts'
import type { Fulfilment, FulfilmentEvent } from '../../command/sagas/fulfilment.ts'
import type { PaymentMethod } from '../../shared/contracts/orders.ts'
import type { SagaCommand } from '../../uow/saga.ts'

export const order_id = '0197a000-0000-7000-8000-000000000001'
const product_id = '0197a000-0000-7000-8000-000000000002'
export const shipment_id = '0197a000-0000-7000-8000-000000000003'
const address = {
  recipient: null,
  street: 'Calle 26 #103-9',
  city: 'Bogotá',
  postal_code: null,
  country: 'CO',
}
const stock = [{ product_id, sku: 'prod-1', quantity: 2 }]
export const payment = {
  order_id,
  payment_key: order_id,
  amount: 32.5,
  currency: 'EUR',
  payment_method: 'card-ok',
} as const

/** What happens to one order, as its fulfilment hears it. */
export const heard = {
  created: (payment_method: PaymentMethod | null = 'card-ok', shipped = true): FulfilmentEvent => ({
    type: 'OrderCreated',
    data: {
      order_id,
      customer_id: 'customer-1',
      items: [{ product_id, sku: 'prod-1', name: 'Pillow', price: 16.25, quantity: 2 }],
      total: 32.5,
      currency: 'EUR',
      shipping_address: shipped ? address : null,
      payment_method,
      locale: 'es-CO',
      created_at: '2026-11-22T13:10:00.000Z',
    },
  }),
  payRequested: {
    type: 'OrderPaymentRequested',
    data: { order_id, payment_method: 'card-ok' },
  },
  shipped: {
    type: 'OrderShipped',
    data: { order_id, shipment_id, carrier: 'Servientrega' },
  },
  cancelled: { type: 'OrderCancelled', data: { order_id, reason: 'plans changed' } },
  reserved: { type: 'StockReserved', data: { order_id, items: stock } },
  short: {
    type: 'StockRejected',
    data: {
      order_id,
      items: stock,
      missing: [{ product_id, sku: 'prod-1', quantity: 2, available: 1 }],
    },
  },
  released: {
    type: 'StockReleased',
    data: { order_id, items: stock, returned: false, reason: null },
  },
  committed: { type: 'StockCommitted', data: { order_id, items: stock } },
  charged: {
    type: 'PaymentProcessed',
    data: { ...payment, reference: 'ch_1', late: false },
  },
  chargedLate: {
    type: 'PaymentProcessed',
    data: { ...payment, reference: 'ch_1', late: true },
  },
  declined: { type: 'PaymentFailed', data: { ...payment, reason: 'declined' } },
  paymentTimedOut: { type: 'PaymentFailed', data: { ...payment, reason: 'timeout' } },
  voided: {
    type: 'PaymentVoided',
    data: { order_id, payment_key: order_id, refund_reason: null },
  },
  refunded: {
    type: 'PaymentRefunded',
    data: { ...payment, refund_reason: null, reference: 're_1' },
  },
  prepared: {
    type: 'ShipmentPrepared',
    data: {
      order_id,
      shipment_id,
      carrier: 'Servientrega',
      tracking: 'S1',
      country: 'CO',
      items: [{ sku: 'prod-1', name: 'Pillow', quantity: 2 }],
      customs_note: null,
    },
  },
  undeliverable: {
    type: 'ShipmentFailed',
    data: { order_id, reason: 'undeliverable', detail: 'nobody delivers there' },
  },
  shipmentCancelled: {
    type: 'ShipmentCancelled',
    data: { order_id, shipment_id, reason: null },
  },
  due: (name: string): FulfilmentEvent => ({ type: 'TimerFired', data: { name } }),
} as const satisfies Readonly<
  Record<string, FulfilmentEvent | ((...given: never[]) => FulfilmentEvent)>
>

export interface Told {
  readonly state: Fulfilment | undefined
  /** What the last event has led to: commands by name, with the attempt from the second on. */
  readonly sent: readonly string[]
  readonly commands: readonly SagaCommand[]
  /** Names of the timers that are set. */
  readonly waiting: readonly string[]
  readonly timers: Readonly<Record<string, number>>
}

/** The fulfilment of an order after these events. */
export const after = (...events: readonly FulfilmentEvent[]): Told => {
  const { react } = orderFulfilment()
  const timers = new Map<string, number>()
  let told: Pick<Told, 'state' | 'commands'> = { state: undefined, commands: [] }
  for (const event of events) {
    const { state, commands = [], ...rest } = react(told.state, event) ?? { state: told.state }
    const { timers: set = [], cancelled = [] } = rest as {
      timers?: readonly { name: string; afterMs: number }[]
      cancelled?: readonly string[]
    }
    for (const name of cancelled) timers.delete(name)
    for (const { name, afterMs } of set) timers.set(name, afterMs)
    told = { state, commands }
  }
  const sent = told.commands.map(
    ({ contract, attempt }) => contract.name + (attempt > 1 ? ` ${attempt}` : ''),
  )
  return { ...told, sent, waiting: [...timers.keys()], timers: Object.fromEntries(timers) }
}
