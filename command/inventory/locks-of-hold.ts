import { type Lock, lock, type Rows } from '../../uow/handler.ts'
import { holds } from './hold.aggregate.ts'
import { stock } from './stock.aggregate.ts'

/** The stock of what an order holds or has taken. */
export const locksOfHold = (rows: Rows, orderId: string): readonly Lock[] => {
  const hold = rows.get(holds, orderId)
  const counts = hold?.status === 'RESERVED' || hold?.status === 'COMMITTED'
  return counts ? hold.items.map(({ product_id }) => lock(stock, product_id)) : []
}
