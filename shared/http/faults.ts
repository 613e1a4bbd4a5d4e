import type { z } from 'zod'
import type { Fault } from '../kernel/fates.ts'

/** More are cut off: a body of 1 MiB can hold a hundred thousand. */
const mostFaults = 50

/** An RFC 6901 JSON pointer. The empty path is the whole document: `""`. */
export const jsonPointer = (path: readonly PropertyKey[]): string =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

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
