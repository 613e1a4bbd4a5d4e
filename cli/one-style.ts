import { orderEnds } from '../shared/contracts/orders.ts'
import { subscriptions } from '../shared/contracts/topology.ts'
import { databaseTrouble } from '../shared/postgres/errors.ts'
import type { RoleContext, RoleName } from '../shared/runtime/role.ts'
import { countReactions, countSagas } from '../uow/saga-listing.ts'
import { Exit } from './exit.ts'
import { isReactor } from './role-words.ts'

/**
 * Throws `Exit` (refused) while orders are on their way in the other style: who carries them would be
 * gone, and whoever came instead knows a part of what was done. A database that is away is not asked:
 * roles start without it, too.
 */
export async function requireOneStyle(
  names: readonly RoleName[],
  { writeDatabase, logger }: Pick<RoleContext, 'writeDatabase' | 'logger'>,
): Promise<void> {
  const isManaged = names.includes('process-manager')
  if (!isManaged && !names.some(isReactor)) return
  try {
    const database = await writeDatabase()
    const open = isManaged
      ? await countReactions(database, subscriptions.ordersReactor, orderEnds)
      : await countSagas(database)
    if (open === 0) return
    const other = isManaged ? 'choreography' : 'orchestration'
    const orders = open === 1 ? '1 order is' : `${open} orders are`
    throw new Exit(
      'refused',
      `${orders} still on the way with ORDER_FULFILMENT=${other}: start that until none is, or cancel them`,
    )
  } catch (error) {
    if (databaseTrouble(error) !== 'away') throw error
    logger.warn({ err: error }, 'whether orders are on their way in the other style is not known')
  }
}
