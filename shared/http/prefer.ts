import parsePrefer from 'parse-prefer-header'
import { Invalid } from '../kernel/fates.ts'

/** Most seconds that a request may ask to wait. */
const longestWait = 20

/**
 * The seconds of `Prefer: wait=N` (RFC 7240 section 4.3), 20 at most; undefined where it is not asked
 * for. Other preferences are ignored, as the RFC wants. Throws `Invalid` for a wait that is no whole
 * number of seconds: silence would leave the sender guessing why nothing waited.
 */
export const preferredWait = (header: string | undefined): number | undefined => {
  const { wait } = parsePrefer(header)
  return wait === undefined ? undefined : seconds(wait, '/headers/prefer')
}

/** The same for `?wait=N`. */
export const askedWait = (query: string | undefined): number | undefined =>
  query === undefined ? undefined : seconds(query, '/query/wait')

/** The header that says which wait was honoured. */
export const preferenceApplied = (wait: number) => ({ 'preference-applied': `wait=${wait}` })

const seconds = (text: string | true, pointer: string): number => {
  if (typeof text !== 'string' || !/^\d{1,9}$/.test(text))
    throw new Invalid(`wait takes whole seconds from 0 to ${longestWait}.`, [
      { pointer, detail: `whole seconds from 0 to ${longestWait}` },
    ])
  return Math.min(Number(text), longestWait)
}
