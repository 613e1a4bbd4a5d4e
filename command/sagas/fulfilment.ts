import type { EventContract } from '../../shared/contracts/contract.ts'
import { holdEvents } from '../../shared/contracts/inventory.ts'
import {
  type OrderItem,
  orderEvents,
  type PaymentMethod,
  type ShippingAddress,
} from '../../shared/contracts/orders.ts'
import { paymentEvents } from '../../shared/contracts/payments.ts'
import { shippingEvents } from '../../shared/contracts/shipping.ts'
import type { Reaction, SagaEvent } from '../../uow/saga.ts'

const { OrderCreated, OrderPaymentRequested, OrderShipped, OrderCancelled } = orderEvents
const { StockReserved, StockRejected, StockReleased, StockCommitted } = holdEvents
const { PaymentProcessed, PaymentFailed, PaymentVoided, PaymentRefunded } = paymentEvents
const { ShipmentPrepared, ShipmentFailed, ShipmentCancelled } = shippingEvents

/** What the fulfilment of an order listens to, of whatever topic. */
export const heardContracts = {
  OrderCreated,
  OrderPaymentRequested,
  OrderShipped,
  OrderCancelled,
  StockReserved,
  StockRejected,
  StockReleased,
  StockCommitted,
  PaymentProcessed,
  PaymentFailed,
  PaymentVoided,
  PaymentRefunded,
  ShipmentPrepared,
  ShipmentFailed,
  ShipmentCancelled,
} as const satisfies Readonly<Record<string, EventContract>>

export type FulfilmentEvent = SagaEvent<typeof heardContracts>

/** Steps that can be undone, then the one after which there is no way back. */
export type ForwardStep =
  'hold-stock' | 'await-payment' | 'charge' | 'commit-stock' | 'ship' | 'confirm'
export type UndoStep = 'cancel-shipment' | 'release-stock' | 'refund' | 'cancel-order'
export type FulfilmentStep = ForwardStep | UndoStep | 'shipped' | 'cancelled'

/** As much of an order as is needed to carry it through. */
export interface FulfilledOrder {
  readonly order_id: string
  readonly items: readonly OrderItem[]
  readonly total: number
  readonly currency: string
  readonly shipping_address: ShippingAddress | null
  readonly locale: string | null
}

/** How far the fulfilment of an order is. Plain JSON. */
export interface Fulfilment {
  readonly order: FulfilledOrder
  /** What it waits for, or how it ended. */
  readonly step: FulfilmentStep
  /** How often each step was asked for: an attempt is never used twice. */
  readonly attempts: Readonly<Partial<Record<FulfilmentStep, number>>>
  readonly payment_method: PaymentMethod | null
  readonly shipment: { readonly shipment_id: string; readonly carrier: string | null } | null
  /** Of what nothing is left, or never was: it needs no undoing, any more or at all. */
  readonly undone: readonly UndoStep[]
  /** Why it was given up; null while it was not. */
  readonly reason: string | null
}

export type FulfilmentReaction = Reaction<Fulfilment>
