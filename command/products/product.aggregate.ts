import type { DataOf } from '../../shared/contracts/contract.ts'
import type { productEvents } from '../../shared/contracts/products.ts'
import { decimalText, moneyOf } from '../../shared/kernel/money.ts'
import { aggregate, type EventPlace } from '../../uow/aggregate.ts'
import { lockRank } from '../write-schema.ts'
import { productTable } from './product.table.ts'

type Contracts = typeof productEvents

export type ProductEvent = {
  [Name in keyof Contracts]: { readonly type: Name; readonly data: DataOf<Contracts[Name]> }
}[keyof Contracts]

export type Product = Readonly<typeof productTable.$inferSelect>

const evolveProduct = (
  before: Product | undefined,
  { type, data }: ProductEvent,
  { id, now }: EventPlace,
): Omit<Product, 'version'> => {
  if (type === 'ProductCreated') {
    const { sku, name, currency, description } = data
    const price = decimalText(moneyOf(data.price, currency))
    return { id, sku, name, price, currency, description, created_at: now, updated_at: now }
  }
  if (!before) throw new Error(`${type} before ProductCreated of ${id}`)
  const after = { ...before, updated_at: now }
  switch (type) {
    case 'ProductUpdated': {
      const { name = before.name, price = before.price, description = before.description } = data
      return {
        ...after,
        name,
        price: decimalText(moneyOf(price, before.currency)),
        description,
      }
    }
    case 'StockAdjusted':
      return after
    default:
      return data satisfies never
  }
}

/** What is sold. How much of it there is, is the inventory's. */
export const products = aggregate<Product, ProductEvent>({
  name: 'products',
  rank: lockRank.products,
  table: productTable,
  evolve: evolveProduct,
})
