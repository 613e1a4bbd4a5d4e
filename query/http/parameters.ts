import { z } from 'zod'
import { isUuid } from '../../shared/kernel/ids.ts'

/** Any UUID, answered in lower case. */
const idParameter = z
  .guid()
  .transform((id) => id.toLowerCase())
  .meta({ type: 'string', format: 'uuid' })

export const idParameters = z.object({ id: idParameter })

/** Text to compare with. Postgres has no character NUL. */
export const textParameter = z
  .string()
  .min(1)
  .max(320)
  .refine((text) => !text.includes('\0'), 'must not contain the character NUL')

/** An id of ours or of a stranger's: UUIDs in lower case, as they are stored. */
export const foreignIdParameter = textParameter.transform((id) =>
  isUuid(id) ? id.toLowerCase() : id,
)

/** An address. Its `+` reads as a space where somebody did not encode it; no address has a space there. */
export const emailParameter = textParameter.transform((email) => email.replaceAll(' ', '+'))

/** A moment with its zone. A `+` of one reads as a space where somebody did not encode it. */
export const instantParameter = z
  .string()
  .transform((text) => text.replaceAll(' ', '+'))
  .pipe(z.iso.datetime({ offset: true }))
  .transform((text) => new Date(text))

export const minVersionParameter = z
  .string()
  .regex(/^\d{1,9}$/, 'a whole number')
  .transform(Number)
  .optional()
  .meta({
    type: 'integer',
    minimum: 0,
    description: 'from the receipt: waits up to 2 s until the view has seen that version',
  })
