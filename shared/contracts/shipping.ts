import { z } from 'zod'
import { commandsOf, eventsOf } from './contract.ts'
import { shippingAddress } from './orders.ts'

const command = commandsOf('shipping')
const event = eventsOf('shipping')

const order = { order_id: z.uuid() }
const shipmentItem = z.strictObject({
  sku: z.string(),
  name: z.string(),
  quantity: z.number().int().positive(),
})
export type ShipmentItem = Readonly<z.output<typeof shipmentItem>>

export const shipmentStatuses = ['PREPARED', 'FAILED', 'CANCELLED'] as const
export type ShipmentStatus = (typeof shipmentStatuses)[number]

/** Ends in `ShipmentPrepared` or `ShipmentFailed`. Again for the same order it changes nothing. */
export const PrepareShipment = command(
  'PrepareShipment',
  z.strictObject({
    ...order,
    address: shippingAddress,
    items: z.array(shipmentItem).min(1),
    /** Language of the customs note: es, en, it, and en for any other. */
    locale: z.string().optional(),
  }),
)
/** Ends in `ShipmentCancelled`, also before it was prepared: then it never will be. */
export const CancelShipment = command(
  'CancelShipment',
  z.strictObject({ ...order, reason: z.string().optional() }),
)

const ShipmentPrepared = event(
  'ShipmentPrepared',
  z.strictObject({
    ...order,
    shipment_id: z.uuid(),
    carrier: z.string(),
    tracking: z.string(),
    /** Where to; the rest of the address is personal, and told to nobody else. */
    country: z.string(),
    items: z.array(shipmentItem),
    /** What goes on the parcel for customs; null within the country. */
    customs_note: z.string().nullable(),
  }),
)
const ShipmentFailed = event(
  'ShipmentFailed',
  z.strictObject({
    ...order,
    /** `undeliverable`: nobody brings parcels to that address. */
    reason: z.string(),
    detail: z.string(),
  }),
)
const ShipmentCancelled = event(
  'ShipmentCancelled',
  z.strictObject({
    ...order,
    /** Null where none was prepared. */
    shipment_id: z.uuid().nullable(),
    reason: z.string().nullable(),
  }),
)

export const shippingCommands = { PrepareShipment, CancelShipment } as const
export const shippingEvents = { ShipmentPrepared, ShipmentFailed, ShipmentCancelled } as const
