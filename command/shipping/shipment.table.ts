import { sql } from 'drizzle-orm'
import { check, integer, text, uuid } from 'drizzle-orm/pg-core'
import type { ShipmentStatus } from '../../shared/contracts/shipping.ts'
import { write } from '../write-schema.ts'

/** One row an order, under the order's id. */
export const shipmentTable = write.table(
  'shipments',
  {
    id: uuid().primaryKey(),
    version: integer().notNull(),
    status: text().$type<ShipmentStatus>().notNull(),
    /** Null where none was prepared. */
    shipment_id: uuid(),
  },
  (table) => [
    check('shipments_status_known', sql`${table.status} IN ('PREPARED', 'FAILED', 'CANCELLED')`),
    check('shipments_version_positive', sql`${table.version} > 0`),
  ],
)
