import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import { Poison } from './fates.ts'

/** 32 random bytes in base64url: a key for `seal`. */
export const newKey = (): string => randomBytes(32).toString('base64url')

/**
 * Seals text with AES-256-GCM (NIST SP 800-38D): base64url of nonce (12 bytes), tag (16), ciphertext.
 * `key` is 32 bytes in base64url; `context` (an id) is authenticated, so that a sealed text cannot be
 * moved to another place.
 */
export const seal = (key: string, text: string, context: string): string => {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', keyBytes(key), nonce)
  cipher.setAAD(Buffer.from(context))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')
}

/** The text in `sealed`. Throws `Poison` slug `cannot-unseal` for another key, another context or a change. */
export const unseal = (key: string, sealed: string, context: string): string => {
  const bytes = Buffer.from(sealed, 'base64url')
  try {
    const decipher = createDecipheriv('aes-256-gcm', keyBytes(key), bytes.subarray(0, 12))
    decipher.setAAD(Buffer.from(context))
    decipher.setAuthTag(bytes.subarray(12, 28))
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
  } catch (cause) {
    throw new Poison(
      'cannot-unseal',
      `sealed text of ${context} does not open with this key: do all processes have the same CREDENTIAL_KEY?`,
      { cause },
    )
  }
}

/** HMAC-SHA-256 in base64url over length-prefixed parts: no two lists of parts collide. */
export const digest = (key: string, ...parts: readonly string[]): string => {
  const hmac = createHmac('sha256', Buffer.from(key))
  for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part)
  return hmac.digest('base64url')
}

/** Compares in constant time; texts of different length are unequal. */
export const sameDigest = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

const keyBytes = (key: string): Buffer => {
  const bytes = Buffer.from(key, 'base64url')
  if (bytes.length !== 32)
    throw new Error(`a sealing key has 32 bytes in base64url, not ${bytes.length}`)
  return bytes
}

/** A key for `seal` out of a configured secret of any form (HKDF-SHA-256, RFC 5869), one per purpose. */
export const derivedKey = (secret: string, purpose: string): string =>
  Buffer.from(hkdfSync('sha256', secret, '', `aeroalpes ${purpose}`, 32)).toString('base64url')
