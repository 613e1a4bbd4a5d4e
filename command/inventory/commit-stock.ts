import type { DataOf } from '../../shared/contracts/contract.ts'
import { CommitStock } from '../../shared/contracts/inventory.ts'
import { handler, happened, lock, rejected } from '../../uow/handler.ts'
import { holds } from './hold.aggregate.ts'
import { locksOfHold } from './locks-of-hold.ts'

export const commitStock = handler<DataOf<typeof CommitStock>>({
  contract: CommitStock,
  locks: ({ order_id }) => [lock(holds, order_id)],
  alsoLocks: ({ order_id }, rows) => locksOfHold(rows, order_id),
  decide({ order_id }, rows) {
    const hold = rows.get(holds, order_id)
    if (!hold) return rejected('not-found', `order ${order_id} holds no stock`)
    if (hold.status === 'COMMITTED') return []
    if (hold.status !== 'RESERVED')
      return rejected(
        'invalid-transition',
        `the stock of order ${order_id} is ${hold.status} and cannot become COMMITTED`,
      )
    const data = { order_id, items: [...hold.items] }
    return [happened(holds, order_id, { type: 'StockCommitted', data })]
  },
})
