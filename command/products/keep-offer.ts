import type { DataOf } from '../../shared/contracts/contract.ts'
import type { ProductCreated, ProductUpdated } from '../../shared/contracts/products.ts'
import { decimalText, moneyOf } from '../../shared/kernel/money.ts'
import { aggregate } from '../../uow/aggregate.ts'
import { type DomainEventHandler, happened } from '../../uow/handler.ts'
import { lockRank } from '../write-schema.ts'
import { products } from './product.aggregate.ts'
import { offerTable } from './product.table.ts'

export type Offer = Readonly<typeof offerTable.$inferSelect>

/** Stays inside: whoever orders locks the row, so that no price changes under an order. */
interface OfferKept {
  readonly type: 'OfferKept'
  readonly data: Pick<Offer, 'product_id' | 'name' | 'price' | 'currency'>
}

export const offers = aggregate<Offer, OfferKept>({
  name: 'offers',
  rank: lockRank.offers,
  table: offerTable,
  // Orders of what sells well overlap without end.
  inTurns: true,
  evolve: (_before, { data }, { id }) => ({ id, ...data }),
})

export const makeOffer: DomainEventHandler<{
  type: 'ProductCreated'
  data: DataOf<typeof ProductCreated>
}> = ({ data: { product_id, sku, name, price: amount, currency } }) => {
  const price = decimalText(moneyOf(amount, currency))
  return [happened(offers, sku, { type: 'OfferKept', data: { product_id, name, price, currency } })]
}

export const changeOffer: DomainEventHandler<{
  type: 'ProductUpdated'
  data: DataOf<typeof ProductUpdated>
}> = (_event, { id, rows }) => {
  const product = rows.get(products, id)
  if (!product) throw new Error(`ProductUpdated of ${id}, which is not there`)
  const { sku, name, price, currency } = product
  return [
    happened(offers, sku, { type: 'OfferKept', data: { product_id: id, name, price, currency } }),
  ]
}
