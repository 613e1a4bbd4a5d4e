import type { PersonalData, userEvents } from '../../shared/contracts/users.ts'
import type { EventsOf, StreamEvent } from '../projection/view.ts'

type Published = EventsOf<typeof userEvents>
type Registered = Extract<Published, { readonly name: 'UserRegistered' }>

/** UserRegistered with its personal data opened; `null` when the user was erased, and so cannot be. */
export type OpenedRegistration = StreamEvent<
  'UserRegistered',
  Omit<Registered['data'], 'personal'> & { readonly personal: PersonalData | null }
>

export type UserEvent = Exclude<Published, { readonly name: 'UserRegistered' }> | OpenedRegistration
