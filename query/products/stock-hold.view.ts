import type { HoldStatus, holdEvents } from '../../shared/contracts/inventory.ts'
import type { EventsOf, View } from '../projection/view.ts'
import { type StockHoldRow, stockHoldTable } from './stock-hold.table.ts'

export type HoldEvent = EventsOf<typeof holdEvents>

const statuses = {
  StockReserved: 'RESERVED',
  StockRejected: 'REJECTED',
  StockReleased: 'RELEASED',
  StockCommitted: 'COMMITTED',
} as const satisfies Readonly<Record<HoldEvent['name'], HoldStatus>>

/** What does an order hold of the stock? */
export const stockHoldView: View<
  StockHoldRow,
  HoldEvent,
  Omit<StockHoldRow, 'version' | 'revision'>
> = {
  name: 'stock_holds',
  revision: 1,
  table: stockHoldTable,
  rowId: ({ subject }) => subject,
  project: (_before, { name, data: { order_id: id, items }, time }) => ({
    id,
    status: statuses[name],
    items,
    updated_at: time,
  }),
}
