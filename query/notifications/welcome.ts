import type { DataOf } from '../../shared/contracts/contract.ts'
import type { UserRegistered } from '../../shared/contracts/users.ts'
import { blame } from '../../shared/delivery/failures.ts'
import type { Opener, UserVault } from '../../shared/vault/user-keys.ts'
import { mailTo, type NewMailState, parsePersonal } from './mail-rows.ts'
import type { NotificationRow } from './notification.table.ts'
import { welcomeMail } from './welcome-mail.ts'

export interface Registration {
  readonly name: 'UserRegistered'
  readonly id: string
  readonly time: string
  readonly data: DataOf<typeof UserRegistered>
}

export interface WelcomeOptions {
  readonly vault: UserVault
  readonly codeFor: (userId: string) => string
  readonly state: NewMailState
}

/** A mail with their code for everybody who has registered. */
export const welcomes = async (
  registrations: readonly Registration[],
  options: WelcomeOptions,
): Promise<readonly NotificationRow[]> => {
  const open = await options.vault.openerFor(registrations.map(({ data }) => data.user_id))
  return registrations.flatMap((registration) => welcome(registration, open, options))
}

const welcome = (
  { id, time, data }: Registration,
  open: Opener,
  { codeFor, state }: WelcomeOptions,
): readonly NotificationRow[] => {
  const personal = openPersonal(id, data, open)
  // Who was erased since gets no mail.
  if (personal === null) return []
  const { user_id, locale } = data
  const text = welcomeMail(locale, personal.first_name, codeFor(user_id))
  return [mailTo({ id, time, user_id, order_id: null, locale }, personal.email, text, state)]
}

const openPersonal = (id: string, { user_id, personal }: Registration['data'], open: Opener) => {
  try {
    const text = open(user_id, personal)
    return text === null ? null : parsePersonal(text)
  } catch (error) {
    throw blame(error, id)
  }
}
