import { z } from 'zod'
import { commandsOf, eventsOf } from './contract.ts'

const command = commandsOf('users')
const event = eventsOf('users')

export const userKinds = ['person', 'company'] as const
export type UserKind = (typeof userKinds)[number]
export const userStatuses = ['REGISTERED', 'VALIDATED', 'DEACTIVATED'] as const
export type UserStatus = (typeof userStatuses)[number]

/** What tells who somebody is. Leaves a process only sealed. */
export const personalData = z.strictObject({
  first_name: z.string(),
  last_name: z.string(),
  email: z.string(),
  national_id: z.string().optional(),
  tax_id: z.string().optional(),
  birth_date: z.string().optional(),
  incorporated_on: z.string().optional(),
})
export type PersonalData = z.output<typeof personalData>

/** What only the worker may open: `credentials` in RegisterUser, sealed with CREDENTIAL_KEY. */
export const credentials = z.strictObject({
  personal: personalData,
  /** argon2id, PHC string format. */
  password_hash: z.string(),
  /** The user's own key, 32 bytes in base64url; events carry personal data sealed with it. */
  user_key: z.string(),
})
export type Credentials = z.output<typeof credentials>

const user = { user_id: z.uuid() }
/** AES-256-GCM, base64url; bound to the user's id as additional data. See shared/kernel/sealing.ts. */
const sealed = z.string()

export const RegisterUser = command(
  'RegisterUser',
  z.strictObject({
    ...user,
    kind: z.enum(userKinds),
    locale: z.string(),
    /** HMAC of the lower-cased address: unique, and tells nothing. */
    email_digest: z.string(),
    credentials: sealed,
  }),
)
export const ValidateUser = command(
  'ValidateUser',
  z.strictObject({ ...user, code_digest: z.string() }),
)
export const DeactivateUser = command(
  'DeactivateUser',
  z.strictObject({ ...user, reason: z.string().optional() }),
)
export const AddReservationToUser = command(
  'AddReservationToUser',
  z.strictObject({ ...user, reservation_id: z.uuid() }),
)

export const UserRegistered = event(
  'UserRegistered',
  z.strictObject({
    ...user,
    kind: z.enum(userKinds),
    locale: z.string(),
    email_digest: z.string(),
    /** PersonalData, sealed with the user's own key. */
    personal: sealed,
    registered_at: z.iso.datetime(),
  }),
)
export const UserValidated = event('UserValidated', z.strictObject(user))
export const UserDeactivated = event(
  'UserDeactivated',
  z.strictObject({ ...user, reason: z.string().nullable() }),
)
export const ReservationAddedToUser = event(
  'ReservationAddedToUser',
  z.strictObject({ ...user, reservation_id: z.uuid() }),
)

export const userCommands = {
  RegisterUser,
  ValidateUser,
  DeactivateUser,
  AddReservationToUser,
} as const

export const userEvents = {
  UserRegistered,
  UserValidated,
  UserDeactivated,
  ReservationAddedToUser,
} as const
