import { z } from 'zod'
import { answerPage, cutPage, pageAnswer, pageParameters } from '../../shared/http/paging.ts'
import { type Route, route } from '../../shared/http/route.ts'
import { foldEmail } from '../fold-email.ts'
import { visibleOwner } from '../http/ownership.ts'
import { emailParameter } from '../http/parameters.ts'
import type { ReadSide } from '../http/read-side.ts'
import { listNotifications } from './notification.find.ts'
import type { NotificationRow } from './notification.table.ts'

const notificationJson = z
  .object({
    id: z.guid(),
    /** Null for a customer who is no user: nobody knows where to send it. */
    user_id: z.guid().nullable(),
    order_id: z.guid().nullable(),
    recipient: z.string().nullable(),
    subject: z.string().nullable(),
    body: z.string().nullable(),
    locale: z.string(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Notification' })

const show = (row: NotificationRow): z.output<typeof notificationJson> => ({
  id: row.id,
  user_id: row.user_id,
  order_id: row.order_id,
  recipient: row.recipient,
  subject: row.subject,
  body: row.body,
  locale: row.locale,
  created_at: row.created_at.toISOString(),
})

const example = {
  id: '5d0f2f0e-7d5f-5b0a-9b43-7a3c1f7e9d10',
  user_id: '0197f1aa-0000-7d3a-8b9e-3a4b5c6d7e8f',
  order_id: null,
  recipient: 'ana@example.com',
  subject: 'Your AeroAlpes code',
  body: 'Hello Ana,\n\nyour code is 01234567.\n',
  locale: 'en',
  created_at: '2026-11-20T10:00:00.000Z',
}

/** What would have been mailed. Only mounted where nothing is: without SMTP_URL. */
export const notificationRoutes = (readSide: ReadSide): readonly Route[] => [
  route({
    method: 'get',
    path: '/notifications',
    operationId: 'listNotifications',
    summary: 'Mails that a mail server would have sent, newest first',
    tags: ['development'],
    secured: true,
    query: z.object({ ...pageParameters, recipient: emailParameter.optional() }),
    answers: { 200: pageAnswer(notificationJson, example) },
    problems: ['database-unavailable'],
    async handle(c, { query: { limit, cursor, recipient } }) {
      const filter = {
        user_id: visibleOwner(c, readSide),
        recipient: recipient === undefined ? undefined : foldEmail(recipient),
      }
      const rows = await listNotifications(readSide.database, filter, { limit, cursor })
      const keyOf = (row: NotificationRow) => [row.created_at.toISOString(), row.id]
      return answerPage(c, cutPage(rows, limit, keyOf, show))
    },
  }),
]
