import { decode } from 'hono/jwt'
import type { HonoJsonWebKey } from 'hono/utils/jwt/jws'
import { z } from 'zod'
import { Transient } from '../kernel/fates.ts'

export interface PublishedKeys {
  /**
   * The keys that may have signed `token`. Asks the provider at most every 30 s for a key id it has
   * not seen, so that made-up tokens cost nobody a request each; keeps the last answer while the
   * provider is away. Throws `Transient` slug `identity-provider-unavailable` before the first answer.
   */
  forToken(token: string): Promise<readonly HonoJsonWebKey[]>
}

export interface PublishedKeysOptions {
  /** Of a JWK set (RFC 7517, section 5). */
  readonly url: string
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>
  readonly now?: () => number
}

const freshMs = 600_000
const pauseMs = 30_000

/** Asks for nothing until the first token. */
export const publishedKeys = (options: PublishedKeysOptions): PublishedKeys => {
  const now = options.now ?? Date.now
  let keys: readonly HonoJsonWebKey[] | undefined
  let asked = -Infinity
  let asking: Promise<void> | undefined

  const ask = async () => {
    asked = now()
    try {
      keys = await fetchKeys(options)
    } catch (cause) {
      if (keys === undefined) throw unavailable(cause)
    } finally {
      asking = undefined
    }
  }
  return {
    async forToken(token) {
      const age = now() - asked
      const known = keys?.some(({ kid }) => kid === keyIdOf(token)) ?? false
      if (age > freshMs || (!known && age > pauseMs)) asking ??= ask()
      if (asking) await asking
      if (keys === undefined) throw unavailable()
      return keys
    },
  }
}

const jwkSet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) })

const fetchKeys = async ({ url, fetch = globalThis.fetch }: PublishedKeysOptions) => {
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) })
  if (!response.ok) throw new Error(`the key set answered ${response.status}`)
  return jwkSet.parse(await response.json()).keys as readonly HonoJsonWebKey[]
}

const keyIdOf = (token: string): string | undefined => {
  try {
    return decode(token).header.kid
  } catch {
    // No token at all: the verification that follows says so.
    return undefined
  }
}

const unavailable = (cause?: unknown) =>
  new Transient(
    'identity-provider-unavailable',
    'The keys of the identity provider cannot be read just now. Try again.',
    { cause },
  )
