import { json, numeric, text, uuid } from 'drizzle-orm/pg-core'
import { read } from '../read-schema.ts'

/** A shipment that is to be told as soon as its tracking number is known. */
export interface UntoldShipment {
  /** Of the event that tells of it. */
  readonly id: string
  readonly time: string
  readonly carrier: string
}

/**
 * As much of an order as its mails say, from the events themselves: no mail waits for a view. What
 * comes over another topic may be here before the order is, so everything may be missing.
 */
export const notifiedOrderTable = read.table('notified_orders', {
  id: uuid().primaryKey(),
  customer_id: text(),
  locale: text(),
  total: numeric(),
  currency: text(),
  tracking: text(),
  untold_shipment: json().$type<UntoldShipment>(),
})

export type NotifiedOrder = Readonly<typeof notifiedOrderTable.$inferSelect>
