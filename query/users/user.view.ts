import type { PersonalData } from '../../shared/contracts/users.ts'
import { Poison } from '../../shared/kernel/fates.ts'
import type { View } from '../projection/view.ts'
import { foldEmail } from '../fold-email.ts'
import type { OpenedRegistration, UserEvent } from './user.event.ts'
import { type UserRow, userTable } from './user.table.ts'

type Projected = Omit<UserRow, 'version' | 'revision'>

/** Who is registered, and may they act? */
export const userView: View<UserRow, UserEvent, Projected> = {
  name: 'users',
  revision: 1,
  table: userTable,
  rowId: ({ subject }) => subject,
  project(before, event) {
    if (event.name === 'UserRegistered') return registered(event)
    if (!before)
      throw new Poison('first-event', `${event.name} is no first event of ${event.subject}`)
    const after: Projected = { ...before, updated_at: event.time }
    switch (event.name) {
      case 'UserValidated':
        return { ...after, status: 'VALIDATED' }
      case 'UserDeactivated':
        return { ...after, status: 'DEACTIVATED' }
      case 'ReservationAddedToUser':
        return after
      default:
        return event satisfies never
    }
  },
}

const registered = ({ data, time }: OpenedRegistration): Projected => ({
  id: data.user_id,
  kind: data.kind,
  status: 'REGISTERED',
  locale: data.locale,
  ...personalColumns(data.personal),
  registered_at: new Date(data.registered_at),
  updated_at: time,
})

const personalColumns = (personal: PersonalData | null) => ({
  first_name: personal?.first_name ?? null,
  last_name: personal?.last_name ?? null,
  email: personal?.email ?? null,
  email_folded: personal && foldEmail(personal.email),
  national_id: personal?.national_id ?? null,
  tax_id: personal?.tax_id ?? null,
  birth_date: personal?.birth_date ?? null,
  incorporated_on: personal?.incorporated_on ?? null,
})
