import type { DataOf } from '../../shared/contracts/contract.ts'
import { CreateProduct } from '../../shared/contracts/products.ts'
import type { Aggregate, DomainEvent } from '../../uow/aggregate.ts'
import { handler, happened, lock, rejected } from '../../uow/handler.ts'
import type { StockRow } from './adjust-stock.ts'
import { offers } from './keep-offer.ts'
import { priceFault } from './price-fault.ts'
import { products } from './product.aggregate.ts'

const skuRegistry = 'products.sku'

export const createProduct = <Row extends StockRow, Event extends DomainEvent>(
  stock: Aggregate<Row, Event>,
) =>
  handler<DataOf<typeof CreateProduct>>({
    contract: CreateProduct,
    locks: ({ product_id, sku }) => [
      lock(products, product_id),
      lock(offers, sku),
      lock(stock, product_id),
    ],
    claims: ({ product_id, sku }) => [{ registry: skuRegistry, value: sku, owner: product_id }],
    decide(command, rows, { now, granted }) {
      const { product_id, sku, price, currency } = command
      if (!granted(skuRegistry) || rows.get(products, product_id))
        return rejected('sku-taken', `there is a product with SKU ${sku} already`)
      const fault = priceFault(price, currency)
      if (fault !== undefined) return rejected('invalid-request', `/price: ${fault}`)
      const data = { ...command, created_at: now.toISOString() }
      return [happened(products, product_id, { type: 'ProductCreated', data })]
    },
  })
