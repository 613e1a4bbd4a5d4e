import { z } from 'zod'
import { decimalsOf } from '../shared/kernel/currencies.ts'
import { isUuid } from '../shared/kernel/ids.ts'

/** Text that a person wrote: not blank, without control characters (they would reach mails and logs). */
export const words = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/\S/, 'must not be blank')
    .refine((text) => !/\p{Cc}/u.test(text), 'must not hold control characters')

/** Longer text with lines of its own: tabs and line ends are its only control characters. */
export const prose = (most: number) =>
  z
    .string()
    .max(most)
    .refine((text) => !/[^\P{Cc}\t\n\r]/u.test(text), 'must not hold control characters')

/** Any UUID, in lower case from here on. */
export const uuid = () => z.uuid().toLowerCase()

/** An id that others give out: a UUID counts as the same in upper case, anything else as it is. */
export const foreignId = () => words(200).overwrite((id) => (isUuid(id) ? id.toLowerCase() : id))

/** ISO 8601 with a zone; what is not in UTC is turned into it. */
export const instant = () =>
  z.iso
    .datetime({ offset: true })
    .overwrite(inUtc)
    .regex(/^[12]\d{3}-/, 'must lie in the years 1000 to 2999')

const inUtc = (time: string) => {
  const known = Date.parse(time)
  return time.endsWith('Z') || Number.isNaN(known) ? time : new Date(known).toISOString()
}

const longestTag = 35

/** Language of mails: a BCP 47 tag, in the form from here on that all of its spellings share. */
export const languageTag = () =>
  z
    .string()
    .max(longestTag)
    .overwrite(canonicalTag)
    .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/, 'must be a language tag such as es or es-CO')

// `spa` is a way to write `es`, and many a system writes `es_CO`.
const canonicalTag = (tag: string): string => {
  // Too long already, and one of a megabyte takes a minute to be made canonical.
  if (tag.length > longestTag) return tag
  try {
    return Intl.getCanonicalLocales(tag.replaceAll('_', '-'))[0] ?? tag
  } catch {
    // What no canonical form is known of stays as it is, and may be refused.
    return tag
  }
}

export const currency = () =>
  z
    .string()
    .refine((code) => decimalsOf(code) !== undefined, 'must be an ISO 4217 code such as EUR')

/** The path of everything that is done to one thing. */
export const idInPath = z.strictObject({ id: uuid() })
