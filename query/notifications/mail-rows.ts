import { personalData, type PersonalData } from '../../shared/contracts/users.ts'
import { foldEmail } from '../fold-email.ts'
import type { NotificationRow } from './notification.table.ts'
import type { MailText } from './welcome-mail.ts'

/** `pending` where a mail server sends it, `kept` where it is only shown. */
export type NewMailState = 'pending' | 'kept'

type What = Pick<NotificationRow, 'id' | 'user_id' | 'order_id' | 'locale'> & {
  readonly time: string
}

/** A mail that is to go out. */
export const mailTo = (
  { time, ...what }: What,
  email: string,
  text: MailText,
  state: NewMailState,
): NotificationRow => ({
  ...what,
  ...text,
  ...begun(time),
  recipient: email,
  recipient_folded: foldEmail(email),
  state,
})

/** A mail that nobody can be sent. Its text is kept where mails are to be seen, and nowhere else. */
export const mailToNobody = (
  { time, ...what }: What,
  { subject, body }: MailText,
  state: NewMailState,
): NotificationRow => ({
  ...what,
  ...begun(time),
  ...(state === 'kept' ? { subject, body } : { subject: null, body: null }),
  recipient: null,
  recipient_folded: null,
  state: 'unaddressed',
})

const begun = (time: string) => {
  const created_at = new Date(time)
  return { attempts: 0, next_attempt_at: created_at, created_at, sent_at: null }
}

export const parsePersonal = (text: string): PersonalData => personalData.parse(JSON.parse(text))
