import { z } from 'zod'

/** Any UUID, answered in lower case. */
const idParameter = z
  .guid({ error: 'a UUID, such as 0197f1aa-5c1e-7d3a-8b9e-3a4b5c6d7e8f' })
  .transform((id) => id.toLowerCase())
  .meta({ type: 'string', format: 'uuid' })

export const idParameters = z.object({ id: idParameter })

/** Text to compare with. Postgres has no character NUL. */
export const textParameter = z
  .string()
  .min(1)
  .max(320)
  .refine((text) => !text.includes('\0'), 'must not contain the character NUL')

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
