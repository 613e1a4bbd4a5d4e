import type { z } from 'zod'
import type { Fault } from '../kernel/fates.ts'

/** More are cut off: a body of 1 MiB can hold a hundred thousand. */
const mostFaults = 50

/** An RFC 6901 JSON pointer. The empty path is the whole document: `""`. */
export const jsonPointer = (path: readonly PropertyKey[]): string =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

const formats: Readonly<Record<string, string>> = {
  date: 'a date, such as 1990-12-31',
  datetime: 'a time with its offset, such as 2030-06-01T10:00:00Z',
  email: 'an e-mail address, such as ana@example.com',
  guid: 'a UUID, such as 0197f1aa-5c1e-7d3a-8b9e-3a4b5c6d7e8f',
  uuid: 'a UUID, such as 0197f1aa-5c1e-7d3a-8b9e-3a4b5c6d7e8f',
}

/** Says what is asked for where zod's own words say only that something else was found. */
export const plainWords: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'invalid_format') return formats[issue.format]
  return issue.input === undefined ? 'this field is missing' : undefined
}

/** What zod found, as pointers into the input; an unknown key is pointed at itself, not at its parent. */
export const faultsOf = (
  error: z.ZodError,
  prefix: readonly PropertyKey[] = [],
): readonly Fault[] => {
  const faults: Fault[] = []
  for (const issue of error.issues) {
    for (const fault of ofIssue(issue, prefix)) if (faults.length < mostFaults) faults.push(fault)
  }
  return faults
}

const ofIssue = (issue: z.core.$ZodIssue, prefix: readonly PropertyKey[]): readonly Fault[] => {
  const path = [...prefix, ...issue.path]
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      pointer: jsonPointer([...path, key]),
      detail: 'this field is not known here',
    }))
  return [{ pointer: jsonPointer(path), detail: issue.message }]
}
