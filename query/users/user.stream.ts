import { userEvents } from '../../shared/contracts/users.ts'
import type { UserVault } from '../../shared/vault/user-keys.ts'
import type { Stream } from '../projection/view.ts'
import { openRegistrations } from './open-registrations.ts'
import type { UserEvent } from './user.event.ts'
import { userReservationView } from './user-reservation.view.ts'
import { userView } from './user.view.ts'

export const userStream = (vault: UserVault): Stream<UserEvent> => ({
  module: 'users',
  contracts: userEvents,
  head: userView,
  links: [userReservationView],
  prepare: openRegistrations(vault),
})
