import { parseItem } from 'structured-headers'
import { Invalid } from '../../shared/kernel/fates.ts'

/**
 * The key in `Idempotency-Key`: a quoted string (RFC 9651, as the IETF draft asks), or the bare text
 * that most clients send; both forms name the same key. Throws `Invalid` for anything else.
 */
export const idempotencyKey = (header: string | undefined): string | undefined => {
  if (header === undefined) return undefined
  const key = header.startsWith('"') ? quoted(header) : header
  if (key !== undefined && /^[\x20-\x7e]{1,255}$/.test(key) && (key !== header || bare.test(key)))
    return key
  throw new Invalid('Idempotency-Key takes one text of 1 to 255 visible ASCII characters.', [
    { pointer: '/headers/idempotency-key', detail: 'one text of 1 to 255 characters' },
  ])
}

const bare = /^[\x21\x23-\x2b\x2d-\x7e]+$/

const quoted = (header: string): string | undefined => {
  try {
    const [value] = parseItem(header)
    return typeof value === 'string' ? value : undefined
  } catch {
    // What is no item at all is answered like any other wrong header.
    return undefined
  }
}
