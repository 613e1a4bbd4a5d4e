import { UserRegistered, userEvents } from '../../shared/contracts/users.ts'
import type { Aggregate, DomainEvent } from '../../uow/aggregate.ts'
import { asPublished, parsedBy } from '../wiring.ts'
import { addReservationToUser, type ReservationRow } from './add-reservation-to-user.ts'
import { deactivateUser } from './deactivate-user.ts'
import { keepUserKey } from './keep-user-key.ts'
import { registerUserMapper, validateUserMapper } from './mappers.ts'
import { registerUser } from './register-user.ts'
import { validateUser } from './validate-user.ts'

const publicPart = UserRegistered.schema.strip()

export interface UserModuleOptions<Row extends ReservationRow, Event extends DomainEvent> {
  readonly credentialKey: string
  /** The reservations' aggregate, for the one use case that locks a row of theirs. */
  readonly reservations: Aggregate<Row, Event>
}

/** What the module does: its use cases, what it reacts to, and what others get to see of it. */
export const userModule = <Row extends ReservationRow, Event extends DomainEvent>({
  credentialKey,
  reservations,
}: UserModuleOptions<Row, Event>) => ({
  commands: {
    RegisterUser: { handler: registerUser, mapper: registerUserMapper(credentialKey) },
    ValidateUser: { handler: validateUser, mapper: validateUserMapper(credentialKey) },
    DeactivateUser: parsedBy(deactivateUser),
    AddReservationToUser: parsedBy(addReservationToUser(reservations)),
  },
  reactions: {
    UserRegistered: [keepUserKey],
  },
  integration: {
    UserRegistered: ({ data }: DomainEvent) => ({
      type: UserRegistered.type,
      topic: UserRegistered.topic,
      data: publicPart.parse(data),
    }),
    UserValidated: asPublished(userEvents.UserValidated),
    UserDeactivated: asPublished(userEvents.UserDeactivated),
    ReservationAddedToUser: asPublished(userEvents.ReservationAddedToUser),
    UserKeyKept: null,
  },
})
