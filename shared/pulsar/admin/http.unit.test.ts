import { afterAll, beforeEach, expect, test } from 'bun:test'
import { pulsarAdmin } from './admin.ts'

let answers: (request: Request) => Response | Promise<Response>
const asked: { url: string; token: string | null; body: string }[] = []

const serve = () =>
  Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const { url, headers } = request
      asked.push({ url, token: headers.get('authorization'), body: await request.text() })
      return answers(request)
    },
  })
const [one, owner] = [serve(), serve()]
const admin = pulsarAdmin({ url: one.url.href, token: 'secret', timeoutMs: 500 })

beforeEach(() => {
  asked.length = 0
})

afterAll(async () => {
  await Promise.all([one.stop(true), owner.stop(true)])
})

const toOwner = ({ url }: Request) => {
  const { pathname, port } = new URL(url)
  return Number(port) === owner.port
    ? new Response(null, { status: 204 })
    : new Response(null, { status: 307, headers: { location: `${owner.url.origin}${pathname}` } })
}

test('a call is carried to the broker that owns the topic, with token and body', async () => {
  answers = toOwner
  await admin.topics.createPartitioned('a/b/c', 4)
  const path = '/admin/v2/persistent/a/b/c/partitions'
  expect(asked).toEqual([
    { url: `${one.url.origin}${path}`, token: 'Bearer secret', body: '4' },
    { url: `${owner.url.origin}${path}`, token: 'Bearer secret', body: '4' },
  ])
})

test('brokers that send a call round in circles are given up', async () => {
  answers = ({ url }) => new Response(null, { status: 307, headers: { location: url } })
  await expect(admin.topics.unload('a/b/c')).rejects.toMatchObject({ kind: 'unreachable' })
  expect(asked).toHaveLength(6)
})

test('the token is not carried to an address of another scheme', async () => {
  const location = `https://127.0.0.1:${owner.port}/`
  answers = () => new Response(null, { status: 307, headers: { location } })
  await expect(admin.topics.unload('a/b/c')).rejects.toThrow('refused to follow to https://')
})

test('a Pulsar that does not answer in time is unreachable', async () => {
  const never = Promise.withResolvers<Response>()
  answers = () => never.promise
  await expect(admin.tenants.list()).rejects.toMatchObject({
    kind: 'unreachable',
    status: undefined,
  })
  never.resolve(new Response())
})

test('a Pulsar that is not there is unreachable, and the message names the address', async () => {
  const gone = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() })
  const url = gone.url.href
  await gone.stop(true)
  await expect(pulsarAdmin({ url }).tenants.list()).rejects.toThrow(
    `no answer from ${url.slice(0, -1)}`,
  )
  expect(await pulsarAdmin({ url }).brokers.isHealthy()).toBe(false)
})

test.each([
  [404, 'not-found'],
  [409, 'conflict'],
  [412, 'conflict'],
  [401, 'unauthorised'],
  [403, 'unauthorised'],
  [400, 'invalid'],
  [429, 'invalid'],
  [500, 'unreachable'],
  [503, 'unreachable'],
] as const)(
  'status %i is an error of kind %s, with the reason that Pulsar gives',
  async (status, kind) => {
    answers = () => Response.json({ reason: 'because of this\nand that' }, { status })
    const error = await admin.tenants.list().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ kind, status, retriable: kind === 'unreachable' })
    expect((error as Error).message).toStartWith('GET tenants: because of this. ')
  },
)

test('an answer without a reason is named by its status', async () => {
  answers = () => new Response('<html>', { status: 502 })
  await expect(admin.tenants.list()).rejects.toThrow('GET tenants: HTTP 502. ')
})

test.each(['c', 'a/b', 'a/b/c/d', 'http://a/b/c', 'persistent://a//c'])(
  '%s is no name of a topic',
  (name) => {
    expect(() => admin.topics.stats(name)).toThrow('is no topic')
  },
)

test('no part of a name can lead to another path', async () => {
  answers = () => Response.json({ partitions: 0 })
  await admin.topics.partitions('persistent://a/b/c?d#e%2F')
  expect(new URL(asked[0]!.url).pathname).toBe('/admin/v2/persistent/a/b/c%3Fd%23e%252F/partitions')
  expect(() => admin.namespaces.policies('a/b/c')).toThrow('is no namespace')
  expect(() => admin.topics.partitions('a/../c')).toThrow('is no name')
  expect(() => admin.tenants.get('..')).toThrow('is no name')
})
