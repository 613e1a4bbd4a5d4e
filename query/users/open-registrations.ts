import type { DataOf } from '../../shared/contracts/contract.ts'
import { personalData, type UserRegistered } from '../../shared/contracts/users.ts'
import { blame } from '../../shared/delivery/failures.ts'
import type { Opener, UserVault } from '../../shared/vault/user-keys.ts'
import type { StreamEvent } from '../projection/view.ts'

type Registration = StreamEvent<'UserRegistered', DataOf<typeof UserRegistered>>

const isRegistration = (event: StreamEvent): event is Registration =>
  event.name === 'UserRegistered'

/** Opens the personal data in every UserRegistered, with one look at the vault for all of them. */
export const openRegistrations =
  (vault: UserVault) =>
  async (events: readonly StreamEvent[]): Promise<readonly StreamEvent[]> => {
    const registrations = events.filter(isRegistration)
    const open = await vault.openerFor(registrations.map(({ subject }) => subject))
    return events.map((event) => (isRegistration(event) ? opened(event, open) : event))
  }

const opened = (event: Registration, open: Opener): StreamEvent => {
  try {
    const text = open(event.subject, event.data.personal)
    const personal = text === null ? null : personalData.parse(JSON.parse(text))
    return { ...event, data: { ...event.data, personal } }
  } catch (error) {
    throw blame(error, event.id)
  }
}
