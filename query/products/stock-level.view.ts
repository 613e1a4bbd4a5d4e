import type { stockEvents } from '../../shared/contracts/inventory.ts'
import type { EventsOf, View } from '../projection/view.ts'
import { type StockLevelRow, stockLevelTable } from './product.table.ts'

export type StockEvent = EventsOf<typeof stockEvents>

/** How much is there of a product? */
export const stockLevelView: View<
  StockLevelRow,
  StockEvent,
  Omit<StockLevelRow, 'version' | 'revision'>
> = {
  name: 'stock_levels',
  revision: 1,
  table: stockLevelTable,
  rowId: ({ subject }) => subject,
  project: (_before, { data: { product_id: id, sku, on_hand, held } }) => ({
    id,
    sku,
    on_hand,
    held,
  }),
}
