import type { DataOf } from '../../shared/contracts/contract.ts'
import { ReleaseStock } from '../../shared/contracts/inventory.ts'
import { handler, happened, lock } from '../../uow/handler.ts'
import { holds } from './hold.aggregate.ts'
import { locksOfHold } from './locks-of-hold.ts'

/**
 * Gives everything back, also what has left the shelf. An order that holds nothing yet is remembered
 * as given up: its hold may come later, over another way, and must find nothing to hold.
 */
export const releaseStock = handler<DataOf<typeof ReleaseStock>>({
  contract: ReleaseStock,
  locks: ({ order_id }) => [lock(holds, order_id)],
  alsoLocks: ({ order_id }, rows) => locksOfHold(rows, order_id),
  decide({ order_id, reason = null }, rows) {
    const hold = rows.get(holds, order_id)
    if (hold?.status === 'RELEASED' || hold?.status === 'REJECTED') return []
    const data = {
      order_id,
      items: [...(hold?.items ?? [])],
      returned: hold?.status === 'COMMITTED',
      reason,
    }
    return [happened(holds, order_id, { type: 'StockReleased', data })]
  },
})
