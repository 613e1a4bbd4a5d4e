import { integer, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import type { ShipmentStatus } from '../../shared/contracts/shipping.ts'
import { read } from '../read-schema.ts'

/** One row an order, under its id. */
export const shipmentTable = read.table('shipments', {
  id: uuid().primaryKey(),
  status: text().$type<ShipmentStatus>().notNull(),
  carrier: text(),
  tracking: text(),
  updated_at: timestamp({ withTimezone: true, precision: 3 }).notNull(),
  version: integer().notNull(),
  revision: integer().notNull(),
})

export type ShipmentRow = Readonly<typeof shipmentTable.$inferSelect>
