import { expect, test } from 'bun:test'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { Hono } from 'hono'
import { sign } from 'hono/jwt'
import type { EdgeEnv } from '../http/edge-env.ts'
import { problemResponse, toProblem } from '../http/problem.ts'
import { authenticate, mayActFor, requireCaller } from './bearer.ts'
import { publishedKeys } from './published-keys.ts'
import { tokenVerifier, type TokenVerifier } from './token-verifier.ts'

const secret = 'a secret of at least 32 characters, as it should be'
const soon = () => Math.floor(Date.now() / 1000) + 300
const claims = (more: object = {}) => ({ sub: 'ana', exp: soon(), iss: 'us', aud: 'api', ...more })

const appWith = (verifier: TokenVerifier) => {
  const app = new Hono<EdgeEnv>()
  app.use(
    authenticate(verifier),
    requireCaller((method) => method === 'GET'),
  )
  app.all('/', (c) => c.json(c.get('caller') ?? null))
  app.onError((error, c) => problemResponse(c, toProblem(error)))
  return app
}
const bySecret = appWith(tokenVerifier({ secret, issuer: 'us', audience: 'api' }))
const post = (app: Hono<EdgeEnv>, token?: string) =>
  app.request('/', {
    method: 'POST',
    ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
  })

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

test('a token of ours tells who calls, and whether as an agent', async () => {
  const plain = await post(bySecret, await sign(claims(), secret))
  expect(await plain.json()).toEqual({ subject: 'ana', agent: false })
  const agent = await post(bySecret, await sign(claims({ role: 'agent' }), secret))
  expect(await agent.json()).toEqual({ subject: 'ana', agent: true })
})

test('a subject that is a UUID is the one whose things are kept in lower case', async () => {
  const subject = '0197F1AA-5C1E-7D3A-8B9E-3A4B5C6D7E8F'
  const answer = await post(bySecret, await sign(claims({ sub: subject }), secret))
  expect(await answer.json()).toMatchObject({ subject: subject.toLowerCase() })
})

test('without a token only what is open answers', async () => {
  const refused = await post(bySecret)
  expect(refused.status).toBe(401)
  expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="aeroalpes"')
  expect((await bySecret.request('/')).status).toBe(200)
})

const forged: Readonly<Record<string, () => Promise<string> | string>> = {
  'no signature at all (alg none)': () =>
    `${base64url({ alg: 'none', typ: 'JWT' })}.${base64url(claims())}.`,
  'another secret': () => sign(claims(), 'another secret'),
  'another algorithm of the same family': () => sign(claims(), secret, 'HS512'),
  'a time that has passed': () => sign(claims({ exp: 1 }), secret),
  'no end in time': () => sign({ sub: 'ana', iss: 'us', aud: 'api' }, secret),
  'a time yet to come': () => sign(claims({ nbf: soon() }), secret),
  'another audience': () => sign(claims({ aud: 'elsewhere' }), secret),
  'another issuer': () => sign(claims({ iss: 'them' }), secret),
  'no subject': () => sign({ exp: soon(), iss: 'us', aud: 'api' }, secret),
  'no form of a token': () => 'abc',
}
for (const [what, make] of Object.entries(forged))
  test(`a token with ${what} is 401, also where none was needed`, async () => {
    const token = await make()
    const refused = await post(bySecret, token)
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toContain('error="invalid_token"')
    const open = await bySecret.request('/', { headers: { authorization: `Bearer ${token}` } })
    expect(open.status).toBe(401)
  })

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = (key: KeyObject, kid: string) => ({ ...key.export({ format: 'jwk' }), kid })
type Signing = Parameters<typeof sign>[1]
const publicKey = { ...jwk(pair.publicKey, 'k1'), alg: 'ES256' }
const privateKey = { ...jwk(pair.privateKey, 'k1'), alg: 'ES256' } as unknown as Signing

const provider = (answers: (() => Response)[]) => {
  const asked: string[] = []
  let time = 0
  const keys = publishedKeys({
    url: 'https://id.example/keys',
    fetch: async (url) => {
      asked.push(url)
      const answer = answers.shift()
      if (!answer) throw new TypeError('connection refused')
      return answer()
    },
    now: () => time,
  })
  const pass = (ms: number) => {
    time += ms
  }
  return { asked, pass, app: appWith(tokenVerifier({ keys })) }
}
const keySet =
  (...keys: object[]) =>
  () =>
    Response.json({ keys })

test('with a key set, a token signed by one of its keys holds; the set is asked for once', async () => {
  const { app, asked } = provider([keySet(publicKey)])
  const token = await sign(claims(), privateKey, 'ES256')
  expect((await post(app, token)).status).toBe(200)
  expect((await post(app, token)).status).toBe(200)
  expect(asked).toHaveLength(1)
})

test('with a key set, a token signed with a public key as if it were a secret is 401', async () => {
  const { app } = provider([keySet(publicKey)])
  const pem = pair.publicKey.export({ format: 'pem', type: 'spki' }).toString()
  const header = base64url({ alg: 'HS256', typ: 'JWT', kid: 'k1' })
  const [, body, signature] = (await sign(claims(), pem)).split('.')
  expect((await post(app, `${header}.${body}.${signature}`)).status).toBe(401)
  expect((await post(app, await sign(claims(), pem))).status).toBe(401)
})

test('made-up key ids do not make us ask again and again; a new key is found in the end', async () => {
  const rotated = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const signing = { ...jwk(rotated.privateKey, 'k2'), alg: 'ES256' } as unknown as Signing
  const { app, asked, pass } = provider([
    keySet(publicKey),
    keySet(publicKey, { ...jwk(rotated.publicKey, 'k2'), alg: 'ES256' }),
  ])
  const token = await sign(claims(), signing, 'ES256')
  for (let i = 0; i < 5; i++) expect((await post(app, token)).status).toBe(401)
  expect(asked).toHaveLength(1)
  pass(31_000)
  expect((await post(app, token)).status).toBe(200)
})

test('a provider that is away is 503 before its first answer, and forgiven after it', async () => {
  const token = await sign(claims(), privateKey, 'ES256')
  const away = provider([])
  const refused = await post(away.app, token)
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toBe('1')
  const later = provider([keySet(publicKey)])
  await post(later.app, token)
  later.pass(700_000)
  expect((await post(later.app, token)).status).toBe(200)
  expect(later.asked).toHaveLength(2)
})

test('one acts for oneself, and an agent for anybody', () => {
  expect(mayActFor({ subject: 'ana', agent: false }, 'ana')).toBe(true)
  expect(mayActFor({ subject: 'ana', agent: false }, 'eva')).toBe(false)
  expect(mayActFor({ subject: 'ana', agent: true }, 'eva')).toBe(true)
})
