import type { Queryable } from '../../shared/postgres/database.ts'
import { rowStore } from '../../shared/postgres/row-store.ts'
import { blame } from '../../shared/delivery/failures.ts'
import type { UserFinder, UserVault } from '../../shared/vault/user-keys.ts'
import { mailTo, mailToNobody, type NewMailState, parsePersonal } from './mail-rows.ts'
import type { NotificationRow } from './notification.table.ts'
import { notifiedOrderTable, type NotifiedOrder } from './notified-order.table.ts'
import { orderMail } from './order-mail.ts'
import { hear, orderIdOf, type OrderNews, type OrderNotice, unknownOrder } from './order-news.ts'

export interface NoticeOptions {
  readonly vault: UserVault
  readonly state: NewMailState
}

const store = rowStore(notifiedOrderTable)

// Two topics may name a new order at once: whoever comes second waits for the row of the first.
const begin = `
  INSERT INTO read.notified_orders (id) SELECT unnest($1::uuid[]) ON CONFLICT (id) DO NOTHING`

/**
 * The mails that the news of orders ask for, one for each event that is told. Remembers in the same
 * transaction what later mails need.
 */
export const orderNotices = async (
  transaction: Queryable,
  news: readonly OrderNews[],
  { vault, state }: NoticeOptions,
): Promise<readonly NotificationRow[]> => {
  if (news.length === 0) return []
  const ids = [...new Set(news.map(orderIdOf))].sort()
  await transaction.query(begin, [ids])
  const rows = await store.lock(transaction, ids, 'FOR UPDATE')
  const { after, notices } = hearAll(news, rows)
  await store.upsert(transaction, after)
  const find = await vault.finderFor(notices.map(customerOf).filter(isUserId))
  return notices.map((notice) => compose(notice, find, state))
}

const hearAll = (news: readonly OrderNews[], rows: readonly NotifiedOrder[]) => {
  const orders = new Map(rows.map((row) => [row.id, row]))
  const notices: OrderNotice[] = []
  for (const event of news) {
    const id = orderIdOf(event)
    const { after, notice } = blaming(event.id, () =>
      hear(orders.get(id) ?? unknownOrder(id), event),
    )
    orders.set(id, after)
    if (notice) notices.push(notice)
  }
  return { after: [...orders.values()], notices }
}

const compose = (notice: OrderNotice, find: UserFinder, state: NewMailState): NotificationRow => {
  const { id, time, order, told } = notice
  const customer = customerOf(notice)
  const user = blaming(id, () => {
    const found = find(customer)
    return found && { locale: found.locale, ...parsePersonal(found.personal) }
  })
  const locale = order.locale ?? user?.locale ?? 'en'
  const text = orderMail(locale, user?.first_name ?? null, order, told)
  const what = { id, time, order_id: order.id, locale }
  return user
    ? mailTo({ ...what, user_id: customer }, user.email, text, state)
    : mailToNobody({ ...what, user_id: null }, text, state)
}

const customerOf = ({ order }: OrderNotice) => order.customer_id.toLowerCase()

// A customer need not be a user: their id may be anything.
const isUserId = (id: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)

const blaming = <T>(eventId: string, work: () => T): T => {
  try {
    return work()
  } catch (error) {
    throw blame(error, eventId)
  }
}
