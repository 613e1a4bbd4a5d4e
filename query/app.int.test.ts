import { afterAll, beforeAll, expect, test } from 'bun:test'
import { signTicket } from '../shared/receipts/ticket.ts'
import { testReadSide, type TestReadSide, ticketSecret } from '../tests/support/query-app.ts'
import { undocumented } from '../tests/support/undocumented.ts'

let readSide: TestReadSide
beforeAll(async () => {
  readSide = await testReadSide()
}, 60_000)
afterAll(() => readSide.close())

interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, { readonly get: Operation }>>
}
interface Operation {
  readonly tags: readonly [string]
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly example?: object }>> }>
  >
}

test('the document names every route, with an example for each answer that has a body', async () => {
  const answer = await readSide.app().request('/openapi.json')
  const { openapi, paths } = (await answer.json()) as Document
  expect(openapi).toBe('3.1.0')
  expect(Object.keys(paths).sort()).toEqual([
    '/commands/{id}',
    '/docs',
    '/flights',
    '/flights/{flight_number}',
    '/livez',
    '/metrics',
    '/notifications',
    '/openapi.json',
    '/orders',
    '/orders/{id}',
    '/orders/{id}/history',
    '/products',
    '/products/{id}',
    '/readyz',
    '/reservations',
    '/reservations/{id}',
    '/users',
    '/users/{id}',
    '/users/{id}/orders',
    '/users/{id}/reservations',
  ])
  expect(undocumented(readSide.app())).toEqual([])
  for (const { get } of Object.values(paths).filter((each) => each.get.tags[0] !== 'operations'))
    expect(get.responses['200']?.content?.['application/json']?.example).toBeObject()
})

test('a receipt is found here by its ticket, as on the command side', async () => {
  const command_id = '0197f1aa-5c1e-7d3a-8b9e-2f6f0c1d2e3f'
  const ticket = signTicket(ticketSecret, {
    command_id,
    type: 'aeroalpes.reservations.CreateReservation.v1',
    target_id: '0197f1aa-5c1e-7d3a-8b9e-3a4b5c6d7e8f',
    owner: null,
    submitted_at: new Date().toISOString(),
  })
  const answer = await readSide.app().request(`/commands/${command_id}?ticket=${ticket}`)
  expect(await answer.json()).toMatchObject({ command_id, status: 'accepted' })
})

test('probes, metrics and the docs page answer without a token', async () => {
  const app = readSide.app({ auth: 'jwt' })
  for (const path of ['/livez', '/readyz', '/metrics', '/docs', '/openapi.json'])
    expect([path, (await app.request(path)).status]).toEqual([path, 200])
})

test('mails are not shown where a mail server sends them', async () => {
  expect((await readSide.app({ showMails: false }).request('/notifications')).status).toBe(404)
  expect((await readSide.app().request('/notifications')).status).toBe(200)
  expect((await readSide.app({ auth: 'jwt' }).request('/notifications')).status).toBe(401)
})
