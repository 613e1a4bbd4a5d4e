import type { OrderItem } from '../../shared/contracts/orders.ts'
import {
  decimalText,
  type Money,
  moneyFault,
  moneyOf,
  sumOf,
  times,
  wireNumber,
} from '../../shared/kernel/money.ts'
import type { AggregateRow } from '../../uow/aggregate.ts'

/** What this module needs to see of a product, under its SKU. */
export type OfferRow = AggregateRow & {
  readonly product_id: string
  readonly name: string
  /** Decimal text, with the digits of the currency. */
  readonly price: string
  readonly currency: string
}

export interface Line {
  readonly sku: string
  readonly quantity: number
}

/** Lines of one SKU are one line, where the first of them was. */
export const merged = (lines: readonly Line[]): readonly Line[] =>
  [...Map.groupBy(lines, ({ sku }) => sku)].map(([sku, same]) => ({
    sku,
    quantity: same.reduce((sum, { quantity }) => sum + quantity, 0),
  }))

export const priced = (line: Line, { product_id, name, price, currency }: OfferRow): OrderItem => ({
  ...line,
  product_id,
  name,
  price: wireNumber(moneyOf(price, currency)),
})

/** What it all costs, exactly; `undefined` when that is more than a message can say. */
export const totalOf = (currency: string, items: readonly OrderItem[]): number | undefined => {
  const total = sumOf(
    currency,
    items.map(({ price, quantity }): Money => times(moneyOf(price, currency), quantity)),
  )
  return moneyFault(decimalText(total), currency) === undefined ? wireNumber(total) : undefined
}
