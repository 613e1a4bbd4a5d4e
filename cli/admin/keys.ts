import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { InvalidArgumentError } from 'commander'
import { Exit } from '../exit.ts'

/**
 * The bytes of a key, as Pulsar's own tools name it: a path, a `file:` URL, a `data:` URL, or the key
 * itself in base64. Throws `InvalidArgumentError`, which never shows what was given.
 */
export function keyBytes(given: string): Buffer<ArrayBuffer> {
  const bytes = bytesOf(given)
  if (bytes.length > 0) return bytes
  throw new InvalidArgumentError('The key is empty.')
}

function bytesOf(given: string): Buffer<ArrayBuffer> {
  if (given.startsWith('data:')) {
    const [, encoded = ''] = /;base64,(.*)$/s.exec(given) ?? []
    return Buffer.from(encoded, 'base64')
  }
  const path = given.startsWith('file:') ? fileURLToPath(given) : given
  if (existsSync(path)) return Buffer.from(readFileSync(path))
  if (/^[A-Za-z0-9+/_-]{20,}={0,2}$/.test(given)) return Buffer.from(given, 'base64')
  throw new InvalidArgumentError('There is no such file, and it is no key in base64.')
}

const hmac = { name: 'HMAC', hash: 'SHA-256' } as const
const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const

export const secretKey = (bytes: Buffer<ArrayBuffer>): Promise<CryptoKey> => {
  // Pulsar refuses shorter ones too (RFC 7518, section 3.2).
  if (bytes.length < 32) throw new InvalidArgumentError('A secret key has 32 bytes or more.')
  return crypto.subtle.importKey('raw', bytes, hmac, false, ['sign', 'verify'])
}

/** PKCS#8, as Pulsar stores it (DER) or in PEM. */
export const privateKey = (bytes: Buffer<ArrayBuffer>): Promise<CryptoKey> =>
  imported('pkcs8', bytes, 'sign')

/** X.509 (SPKI), as Pulsar stores it (DER) or in PEM. */
export const publicKey = (bytes: Buffer<ArrayBuffer>): Promise<CryptoKey> =>
  imported('spki', bytes, 'verify')

async function imported(
  format: 'pkcs8' | 'spki',
  bytes: Buffer<ArrayBuffer>,
  usage: 'sign' | 'verify',
): Promise<CryptoKey> {
  const [, pem] = /-----BEGIN [A-Z ]+-----([\s\S]+?)-----END/.exec(bytes.toString('latin1')) ?? []
  const der = pem === undefined ? bytes : Buffer.from(pem, 'base64')
  try {
    return await crypto.subtle.importKey(format, der, rsa, false, [usage])
  } catch {
    // What the platform says about it is no help, and must not show the key.
    const form = format === 'pkcs8' ? 'private RSA key (PKCS#8)' : 'public RSA key (X.509)'
    throw new InvalidArgumentError(`That is no ${form}.`)
  }
}

/** A new pair for RS256, as Pulsar stores them: PKCS#8 and X.509 in DER. */
export async function newKeyPair(): Promise<{ privateKey: Buffer; publicKey: Buffer }> {
  const pair = await crypto.subtle.generateKey(
    { ...rsa, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ['sign', 'verify'],
  )
  return {
    privateKey: Buffer.from(await crypto.subtle.exportKey('pkcs8', pair.privateKey)),
    publicKey: Buffer.from(await crypto.subtle.exportKey('spki', pair.publicKey)),
  }
}

/**
 * Never over a key that is there: tokens that were made with it would die. Throws `Exit` (refused).
 */
export function writeNew(file: string, bytes: Buffer, mode: number): void {
  try {
    writeFileSync(file, bytes, { flag: 'wx', mode })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new Exit('refused', `${file} is there already; delete it first, or name another one`)
  }
}
