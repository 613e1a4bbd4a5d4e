import type { DataOf } from '../../shared/contracts/contract.ts'
import type { holdEvents } from '../../shared/contracts/inventory.ts'
import { aggregate, type EventPlace } from '../../uow/aggregate.ts'
import { lockRank } from '../write-schema.ts'
import { holdTable } from './inventory.table.ts'

type Contracts = typeof holdEvents

export type HoldEvent = {
  [Name in keyof Contracts]: { readonly type: Name; readonly data: DataOf<Contracts[Name]> }
}[keyof Contracts]

export type Hold = Readonly<typeof holdTable.$inferSelect>

const evolveHold = (
  _before: Hold | undefined,
  { type, data: { items } }: HoldEvent,
  { id }: EventPlace,
): Omit<Hold, 'version'> => {
  switch (type) {
    case 'StockReserved':
      return { id, status: 'RESERVED', items }
    case 'StockRejected':
      return { id, status: 'REJECTED', items }
    case 'StockReleased':
      return { id, status: 'RELEASED', items }
    case 'StockCommitted':
      return { id, status: 'COMMITTED', items }
    default:
      return type satisfies never
  }
}

/** What an order holds of the stock. */
export const holds = aggregate<Hold, HoldEvent>({
  name: 'stock-holds',
  rank: lockRank.holds,
  table: holdTable,
  evolve: evolveHold,
})
