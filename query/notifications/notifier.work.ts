import type { DataOf } from '../../shared/contracts/contract.ts'
import { contractReader, readData } from '../../shared/contracts/upcasting.ts'
import { personalData, UserRegistered } from '../../shared/contracts/users.ts'
import { blame } from '../../shared/delivery/failures.ts'
import type { Delivery, Work } from '../../shared/delivery/work.ts'
import { Poison } from '../../shared/kernel/fates.ts'
import type { Opener, UserVault } from '../../shared/vault/user-keys.ts'
import { foldEmail } from '../fold-email.ts'
import type { NotificationRow } from './notification.table.ts'
import { welcomeMail } from './welcome-mail.ts'

export interface NotifierOptions {
  readonly vault: UserVault
  readonly codeFor: (userId: string) => string
  /** `pending` where a mail server sends it, `kept` where it is only shown. */
  readonly state: 'pending' | 'kept'
  /** Called after COMMIT: there is something to send. */
  readonly written: () => void
}

interface Registration {
  readonly id: string
  readonly time: Date
  readonly data: DataOf<typeof UserRegistered>
}

// The inbox forgets after some days; a row that is there may have been sent.
const insert = `
  INSERT INTO read.notifications SELECT * FROM json_populate_recordset(NULL::read.notifications, $1)
  ON CONFLICT (id) DO NOTHING`

/** Writes a mail for every new user: a row in the transaction of the inbox, so once for each event. */
export const notifierWork = (options: NotifierOptions): Work => ({
  async handle(transaction, deliveries) {
    const registrations = deliveries.flatMap(read)
    const open = await options.vault.openerFor(registrations.map(({ data }) => data.user_id))
    const rows = registrations.flatMap((registration) => compose(registration, open, options))
    if (rows.length > 0) await transaction.query(insert, [rows])
    return { deferred: [] }
  },
  committed: options.written,
})

const reader = contractReader([UserRegistered])

// A registration of a newer version is a mail that somebody waits for: not one to be passed over.
const findRegistration = ({ id, type }: Delivery['envelope']) => {
  try {
    return reader.find(type)
  } catch (error) {
    throw blame(error, id)
  }
}

const read = ({ envelope }: Delivery): readonly Registration[] => {
  const found = findRegistration(envelope)
  if (!found) return []
  const data = readData(found, envelope.data)
  if (data.success) return [{ id: envelope.id, time: new Date(envelope.time), data: data.data }]
  const poison = new Poison('unreadable-event', `event ${envelope.id} is no ${envelope.type}`, {
    cause: data.error,
  })
  throw blame(poison, envelope.id)
}

const compose = (
  { id, time, data }: Registration,
  open: Opener,
  { codeFor, state }: NotifierOptions,
): readonly NotificationRow[] => {
  const personal = openPersonal(id, data, open)
  // Who was erased since gets no mail.
  if (personal === null) return []
  const mail = welcomeMail(data.locale, personal.first_name, codeFor(data.user_id))
  const recipient = { recipient: personal.email, recipient_folded: foldEmail(personal.email) }
  const sending = { state, attempts: 0, next_attempt_at: time, created_at: time, sent_at: null }
  return [{ id, user_id: data.user_id, locale: data.locale, ...recipient, ...mail, ...sending }]
}

const openPersonal = (id: string, { user_id, personal }: Registration['data'], open: Opener) => {
  try {
    const text = open(user_id, personal)
    return text === null ? null : personalData.parse(JSON.parse(text))
  } catch (error) {
    throw blame(error, id)
  }
}
