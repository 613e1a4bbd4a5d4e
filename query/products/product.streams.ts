import { holdEvents, stockEvents } from '../../shared/contracts/inventory.ts'
import { productEvents } from '../../shared/contracts/products.ts'
import type { Stream } from '../projection/view.ts'
import { type ProductEvent, productView } from './product.view.ts'
import { indexAllProducts } from './search-index.ts'
import { type HoldEvent, stockHoldView } from './stock-hold.view.ts'
import { type StockEvent, stockLevelView } from './stock-level.view.ts'

export const productStream: Stream<ProductEvent> = {
  module: 'products',
  contracts: productEvents,
  head: productView,
  links: [],
  rebuilt: indexAllProducts,
}

/**
 * A table of its own, and so a version of its own: topics keep no order between them, and a level may
 * be here before its product.
 */
export const stockStream: Stream<StockEvent> = {
  module: 'inventory',
  contracts: stockEvents,
  head: stockLevelView,
  links: [],
}

export const holdStream: Stream<HoldEvent> = {
  module: 'inventory',
  contracts: holdEvents,
  head: stockHoldView,
  links: [],
}
