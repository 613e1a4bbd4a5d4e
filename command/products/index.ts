import { productEvents } from '../../shared/contracts/products.ts'
import type { Aggregate, DomainEvent } from '../../uow/aggregate.ts'
import { asPublished, parsedBy } from '../wiring.ts'
import { adjustStock, type StockRow } from './adjust-stock.ts'
import { createProduct } from './create-product.ts'
import { changeOffer, makeOffer } from './keep-offer.ts'
import { updateProduct } from './update-product.ts'

export { offers } from './keep-offer.ts'

export interface ProductModuleOptions<Row extends StockRow, Event extends DomainEvent> {
  /** The inventory's aggregate: a product is made and restocked together with its stock's row. */
  readonly stock: Aggregate<Row, Event>
}

/** What the module does: its use cases, what it reacts to, and what others get to see of it. */
export const productModule = <Row extends StockRow, Event extends DomainEvent>({
  stock,
}: ProductModuleOptions<Row, Event>) => ({
  commands: {
    CreateProduct: parsedBy(createProduct(stock)),
    UpdateProduct: parsedBy(updateProduct),
    AdjustStock: parsedBy(adjustStock(stock)),
  },
  reactions: {
    ProductCreated: [makeOffer],
    ProductUpdated: [changeOffer],
  },
  integration: {
    ProductCreated: asPublished(productEvents.ProductCreated),
    ProductUpdated: asPublished(productEvents.ProductUpdated),
    StockAdjusted: asPublished(productEvents.StockAdjusted),
    OfferKept: null,
  },
})
