import type { z } from 'zod'

const formats: Readonly<Record<string, string>> = {
  date: 'a date, such as 1990-12-31',
  datetime: 'a time with its offset, such as 2030-06-01T10:00:00Z',
  email: 'an e-mail address, such as ana@example.com',
  guid: 'a UUID, such as 0197f1aa-5c1e-7d3a-8b9e-3a4b5c6d7e8f',
  uuid: 'a UUID, such as 0197f1aa-5c1e-7d3a-8b9e-3a4b5c6d7e8f',
}

const units: Readonly<Record<string, string>> = { string: ' characters', array: ' entries' }

/** Says what is asked for where zod's own words are of types and comparisons, or of what was found. */
export const plainWords: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === undefined) return 'this field is missing'
  const { code } = issue
  if (code === 'invalid_format') return formats[issue.format]
  if (code === 'invalid_value') return `must be one of ${issue.values.join(', ')}`
  if (code === 'too_small')
    return limit(issue.origin, issue.inclusive ? 'at least' : 'more than', issue.minimum)
  if (code === 'too_big')
    return limit(issue.origin, issue.inclusive ? 'at most' : 'less than', issue.maximum)
  const isFraction = code === 'invalid_type' && issue.expected === 'int'
  return isFraction ? 'must be a whole number' : undefined
}

const limit = (origin: string, comparison: string, bound: number | bigint) =>
  origin in units && comparison === 'at least' && bound === 1
    ? 'must not be empty'
    : `must ${origin in units ? 'have' : 'be'} ${comparison} ${bound}${units[origin] ?? ''}`
