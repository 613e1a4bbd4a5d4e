import type { Queryable } from '../../shared/postgres/database.ts'
import { type Condition, hasId, keysetList, type PageRequest } from '../http/keyset.ts'
import { type NotificationRow, notificationTable } from './notification.table.ts'

const list = keysetList(notificationTable, 'created_at')

export interface NotificationFilter {
  readonly user_id?: string | undefined
  /** In the form in which addresses are compared. */
  readonly recipient?: string | undefined
}

export const listNotifications = (
  on: Queryable,
  { user_id, recipient }: NotificationFilter,
  page: PageRequest,
): Promise<NotificationRow[]> => {
  const conditions: readonly Condition[] = [
    ...(user_id === undefined ? [] : [hasId('user_id', user_id)]),
    ...(recipient === undefined ? [] : [['recipient_folded = ?', recipient] as const]),
  ]
  return list(on, conditions, page)
}
