import type { DataOf } from '../../shared/contracts/contract.ts'
import { personalData, type UserRegistered } from '../../shared/contracts/users.ts'
import { openSealed, type UserVault } from '../../shared/vault/user-keys.ts'
import type { StreamEvent } from '../projection/view.ts'

type Registration = StreamEvent<'UserRegistered', DataOf<typeof UserRegistered>>

const isRegistration = (event: StreamEvent): event is Registration =>
  event.name === 'UserRegistered'

/** Opens the personal data in every UserRegistered, with one look at the vault for all of them. */
export const openRegistrations =
  (vault: UserVault) =>
  async (events: readonly StreamEvent[]): Promise<readonly StreamEvent[]> => {
    const keys = await vault.keysOf(events.filter(isRegistration).map(({ subject }) => subject))
    return events.map((event) => {
      if (!isRegistration(event)) return event
      const opened = openSealed(keys, event.subject, event.data.personal)
      const personal = opened === null ? null : personalData.parse(JSON.parse(opened))
      return { ...event, data: { ...event.data, personal } }
    })
  }
