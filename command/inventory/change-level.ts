import type { DataOf } from '../../shared/contracts/contract.ts'
import type { StockItem } from '../../shared/contracts/inventory.ts'
import type { ProductCreated, StockAdjusted } from '../../shared/contracts/products.ts'
import { type DomainEventHandler, type Happened, happened, type Rows } from '../../uow/handler.ts'
import type { HoldEvent } from './hold.aggregate.ts'
import { stock } from './stock.aggregate.ts'

type HoldEventOf<Type extends HoldEvent['type']> = Extract<HoldEvent, { readonly type: Type }>

/** A product is stocked from its first moment on: there is a row to lock before anybody orders it. */
export const openStock: DomainEventHandler<{
  type: 'ProductCreated'
  data: DataOf<typeof ProductCreated>
}> = ({ data: { product_id, sku, stock: on_hand } }) => [
  happened(stock, product_id, {
    type: 'StockLevelChanged',
    data: { product_id, sku, on_hand, held: 0 },
  }),
]

export const adjustLevel: DomainEventHandler<{
  type: 'StockAdjusted'
  data: DataOf<typeof StockAdjusted>
}> = ({ data: { product_id, delta } }, { rows }) =>
  changed(rows, product_id, { onHand: delta, held: 0 })

export const holdItems: DomainEventHandler<HoldEventOf<'StockReserved'>> = (
  { data: { items } },
  { rows },
) => eachChanged(rows, items, (quantity) => ({ onHand: 0, held: quantity }))

export const releaseItems: DomainEventHandler<HoldEventOf<'StockReleased'>> = (
  { data: { items, returned } },
  { rows },
) =>
  eachChanged(rows, items, (quantity) =>
    returned ? { onHand: quantity, held: 0 } : { onHand: 0, held: -quantity },
  )

export const commitItems: DomainEventHandler<HoldEventOf<'StockCommitted'>> = (
  { data: { items } },
  { rows },
) => eachChanged(rows, items, (quantity) => ({ onHand: -quantity, held: -quantity }))

interface Difference {
  readonly onHand: number
  readonly held: number
}

const eachChanged = (
  rows: Rows,
  items: readonly StockItem[],
  by: (quantity: number) => Difference,
): readonly Happened[] =>
  items.flatMap(({ product_id, quantity }) => changed(rows, product_id, by(quantity)))

const changed = (rows: Rows, product_id: string, by: Difference): readonly Happened[] => {
  const level = rows.get(stock, product_id)
  if (!level) throw new Error(`there is no stock of product ${product_id}`)
  const data = {
    product_id,
    sku: level.sku,
    on_hand: level.on_hand + by.onHand,
    held: level.held + by.held,
  }
  return [happened(stock, product_id, { type: 'StockLevelChanged', data })]
}
