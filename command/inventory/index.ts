import { holdEvents, stockEvents } from '../../shared/contracts/inventory.ts'
import { asPublished, parsedBy } from '../wiring.ts'
import { adjustLevel, commitItems, holdItems, openStock, releaseItems } from './change-level.ts'
import { commitStock } from './commit-stock.ts'
import { holdStock } from './hold-stock.ts'
import { releaseStock } from './release-stock.ts'

export { inventoryReactor } from './fulfilment.reactor.ts'
export { stock } from './stock.aggregate.ts'

/** What the module does: its use cases, what it reacts to, and what others get to see of it. */
export const inventoryModule = {
  commands: {
    HoldStock: parsedBy(holdStock),
    ReleaseStock: parsedBy(releaseStock),
    CommitStock: parsedBy(commitStock),
  },
  reactions: {
    ProductCreated: [openStock],
    StockAdjusted: [adjustLevel],
    StockReserved: [holdItems],
    StockReleased: [releaseItems],
    StockCommitted: [commitItems],
  },
  integration: {
    StockReserved: asPublished(holdEvents.StockReserved),
    StockRejected: asPublished(holdEvents.StockRejected),
    StockReleased: asPublished(holdEvents.StockReleased),
    StockCommitted: asPublished(holdEvents.StockCommitted),
    StockLevelChanged: asPublished(stockEvents.StockLevelChanged),
  },
} as const
