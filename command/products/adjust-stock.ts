import type { DataOf } from '../../shared/contracts/contract.ts'
import { AdjustStock } from '../../shared/contracts/products.ts'
import type { Aggregate, AggregateRow, DomainEvent } from '../../uow/aggregate.ts'
import { handler, happened, lock, rejected } from '../../uow/handler.ts'
import { products } from './product.aggregate.ts'

/** What this module needs to see of the inventory's row of a product, which has the product's id. */
export type StockRow = AggregateRow & { readonly on_hand: number; readonly held: number }

/** More pieces than any warehouse has, and still whole numbers everywhere. */
export const mostPieces = 1_000_000_000

/** An event of the product, whose version the receipt tells; the inventory reacts with the new level. */
export const adjustStock = <Row extends StockRow, Event extends DomainEvent>(
  stock: Aggregate<Row, Event>,
) =>
  handler<DataOf<typeof AdjustStock>>({
    contract: AdjustStock,
    locks: ({ product_id }) => [lock(products, product_id), lock(stock, product_id)],
    decide({ product_id, delta }, rows) {
      const product = rows.get(products, product_id)
      const level = rows.get(stock, product_id)
      if (!product || !level) return rejected('not-found', `there is no product ${product_id}`)
      const on_hand = level.on_hand + delta
      if (on_hand < level.held)
        return rejected(
          'insufficient-stock',
          `${level.on_hand} are on hand and ${level.held} of them held for orders: ${-delta} cannot go`,
        )
      if (on_hand > mostPieces)
        return rejected('invalid-request', `/delta: a product has at most ${mostPieces} pieces`)
      const data = {
        product_id,
        sku: product.sku,
        delta,
        on_hand,
        stock_version: level.version + 1,
      }
      return [happened(products, product_id, { type: 'StockAdjusted', data })]
    },
  })
