import type { DataOf } from '../../shared/contracts/contract.ts'
import { HoldStock, type StockItem } from '../../shared/contracts/inventory.ts'
import { handler, happened, lock, type Rows } from '../../uow/handler.ts'
import { holds } from './hold.aggregate.ts'
import { stock } from './stock.aggregate.ts'

/**
 * All or nothing. That there is too little is an event, not a rejection: whoever waits for the stock
 * of this order listens to events. Asked again, or after the order was given up, it changes nothing.
 */
export const holdStock = handler<DataOf<typeof HoldStock>>({
  contract: HoldStock,
  locks: ({ order_id, items }) => [
    lock(holds, order_id),
    ...items.map(({ product_id }) => lock(stock, product_id)),
  ],
  decide({ order_id, items: asked }, rows) {
    if (rows.get(holds, order_id)) return []
    const items = merged(asked)
    const missing = items.flatMap((item) => shortage(rows, item))
    if (missing.length > 0)
      return [
        happened(holds, order_id, {
          type: 'StockRejected',
          data: { order_id, items, missing },
        }),
      ]
    return [happened(holds, order_id, { type: 'StockReserved', data: { order_id, items } })]
  },
})

/** Two lines of one product are one line: each alone might fit where both do not. */
const merged = (items: readonly StockItem[]): StockItem[] =>
  [...Map.groupBy(items, ({ product_id }) => product_id.toLowerCase())].map(
    ([product_id, lines]) => ({
      product_id,
      sku: lines[0]?.sku ?? '',
      quantity: lines.reduce((sum, { quantity }) => sum + quantity, 0),
    }),
  )

const shortage = (rows: Rows, item: StockItem) => {
  const level = rows.get(stock, item.product_id)
  const available = level ? level.on_hand - level.held : 0
  return item.quantity > available ? [{ ...item, available }] : []
}
