import { randomBytes } from 'node:crypto'
import { decode, sign, verify } from 'hono/jwt'
import { Exit } from '../exit.ts'
import { keyBytes, newKeyPair, privateKey, publicKey, secretKey, writeNew } from './keys.ts'
import { given, tokenOf } from './token-source.ts'
import { needed, optional } from './parameter.ts'
import { duration, name, text } from './values.ts'
import { fields, type View } from './view.ts'
import { verb, type Verbs } from './verb.ts'

const secret = optional(
  '--secret-key <key>',
  'a file, or the key in base64 (HS256)',
  keyBytes,
  '-sk',
)

const reasons: Readonly<Record<string, string>> = {
  JwtTokenExpired: 'it has expired',
  JwtTokenInvalid: 'it is no JSON Web Token',
  JwtTokenSignatureMismatched: 'it was signed with another key',
}

export const tokens: Verbs = {
  'create-secret-key': verb({
    summary: 'a new key for HS256, in base64 or as a file',
    parameters: {
      file: optional('-o, --output-file <file>', 'write the bytes there, for your eyes only', text),
    },
    call: async (_, { file }) => {
      const key = randomBytes(32)
      if (file === undefined) return key.toString('base64')
      writeNew(file, key, 0o600)
      return `${file}: a secret key`
    },
  }),
  'create-key-pair': verb({
    summary: 'a new pair of keys for RS256, as files',
    parameters: {
      privateFile: needed('--output-private-key <file>', 'for whoever makes tokens', text),
      publicFile: needed('--output-public-key <file>', 'for the brokers', text),
    },
    call: async (_, { privateFile, publicFile }) => {
      const pair = await newKeyPair()
      writeNew(privateFile, pair.privateKey, 0o600)
      writeNew(publicFile, pair.publicKey, 0o644)
      return `${privateFile}: the private key\n${publicFile}: the public key`
    },
  }),
  create: verb({
    summary: 'a token for a role',
    parameters: {
      subject: needed('-s, --subject <role>', 'the role it speaks for', name),
      secret,
      private: optional(
        '--private-key <key>',
        'a file, or the key in base64 (RS256)',
        keyBytes,
        '-pk',
      ),
      expiry: optional(
        '-e, --expiry-time <time>',
        'from now: 10m, 3h, 2d, 1y; without, never',
        duration,
      ),
    },
    check: (input) => oneKey(input.secret, input.private, '--private-key'),
    call: async (_, input, { now }) => {
      const issued = Math.floor(now().getTime() / 1000)
      const expiry = input.expiry === undefined ? {} : { exp: issued + input.expiry }
      const payload = { sub: input.subject, ...expiry }
      if (input.secret) return sign(payload, await secretKey(input.secret), 'HS256')
      return sign(payload, await privateKey(input.private ?? Buffer.of()), 'RS256')
    },
  }),
  show: verb({
    summary: 'what a token says, whoever signed it',
    parameters: given,
    call: async (_, input, context) => contents(await tokenOf(input, context)),
    show: tokenView,
  }),
  validate: verb({
    summary: 'whether a token was signed with a key and has not expired; exit code 1 if not',
    parameters: {
      ...given,
      secret,
      public: optional(
        '--public-key <key>',
        'a file, or the key in base64 (RS256)',
        keyBytes,
        '-pk',
      ),
    },
    check: (input) => oneKey(input.secret, input.public, '--public-key'),
    call: async (_, input, context) => {
      const token = await tokenOf(input, context)
      const [key, alg] = input.secret
        ? [await secretKey(input.secret), 'HS256' as const]
        : [await publicKey(input.public ?? Buffer.of()), 'RS256' as const]
      await verify(token, key, { alg, iat: false }).catch(({ name: why }: Error) => {
        throw new Exit('failed', `the token does not hold: ${reasons[why] ?? why}`)
      })
      return contents(token)
    },
    show: tokenView,
  }),
}

function oneKey(one: unknown, other: unknown, otherName: string): void {
  if ((one === undefined) === (other === undefined))
    throw new Exit('usage', `one of --secret-key and ${otherName}, and not both`)
}

function contents(token: string) {
  try {
    return decode(token)
  } catch {
    throw new Exit('usage', 'that is no JSON Web Token')
  }
}

function tokenView({ header, payload }: ReturnType<typeof decode>): View {
  const expires = payload.exp === undefined ? 'never' : new Date(payload.exp * 1000).toISOString()
  return [{ rows: [...fields({ ...header, ...payload }), { name: 'expires', value: expires }] }]
}
