import { z } from 'zod'
import { userKinds } from '../../shared/contracts/users.ts'
import { languageTag, uuid, words } from '../fields.ts'

/** RFC 5321, 4.5.3.1.3: a path of 256 octets, with its brackets. */
const longestAddress = 254

export const registerUserBody = z.strictObject({
  first_name: words(200),
  last_name: words(200),
  email: z.email().max(longestAddress),
  password: z.string().min(8).max(200),
  kind: z.enum(userKinds),
  national_id: words(50).optional(),
  tax_id: words(50).optional(),
  birth_date: z.iso.date().optional(),
  incorporated_on: z.iso.date().optional(),
  locale: languageTag().default('en'),
})
export type RegisterUserBody = z.output<typeof registerUserBody>

/** No stricter than what a code could ever look like: a wrong one is the worker's to reject. */
export const validateUserBody = z.strictObject({ code: words(64) })
export const deactivateUserBody = z.strictObject({ reason: words(500).optional() })
export const addReservationBody = z.strictObject({ reservation_id: uuid() })

export const exampleUser = {
  first_name: 'Ana',
  last_name: 'Ruiz',
  email: 'ana@example.com',
  password: 'correct horse battery staple',
  kind: 'person',
  national_id: '1020304050',
  birth_date: '1990-05-17',
  locale: 'es-CO',
} satisfies z.input<typeof registerUserBody>
