import type { DataOf } from '../../shared/contracts/contract.ts'
import type { stockEvents } from '../../shared/contracts/inventory.ts'
import { aggregate } from '../../uow/aggregate.ts'
import { lockRank } from '../write-schema.ts'
import { stockTable } from './inventory.table.ts'

export type Stock = Readonly<typeof stockTable.$inferSelect>
export interface StockEvent {
  readonly type: 'StockLevelChanged'
  readonly data: DataOf<(typeof stockEvents)['StockLevelChanged']>
}

/** How much there is of a product. Every change says the level after it: a reader adds nothing up. */
export const stock = aggregate<Stock, StockEvent>({
  name: 'inventory',
  rank: lockRank.stock,
  table: stockTable,
  evolve: (_before, { data: { sku, on_hand, held } }, { id }) => ({ id, sku, on_hand, held }),
})
