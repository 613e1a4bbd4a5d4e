import { afterAll, beforeAll, expect, test } from 'bun:test'
import { sign } from 'hono/jwt'
import { newId } from '../../shared/kernel/ids.ts'
import { jwtSecret, testReadSide, type TestReadSide } from '../../tests/support/query-app.ts'
import {
  created,
  envelopeOf,
  minute,
  reservationHistory,
} from '../../tests/support/recorded-events.ts'

interface Item {
  readonly id: string
  readonly status: string
}
interface Page {
  readonly items: readonly Item[]
  readonly next_cursor: string | null
}

let readSide: TestReadSide
beforeAll(async () => {
  readSide = await testReadSide()
}, 60_000)
afterAll(() => readSide.close())

const get = (path: string, headers: Record<string, string> = {}) =>
  readSide.app().request(path, { headers })
const list = async (path: string) => (await (await get(path)).json()) as Page

test('a reservation is shown as the contract says', async () => {
  const id = newId()
  await readSide.project(...reservationHistory(id).slice(0, 2))
  const answer = await get(`/reservations/${id.toUpperCase()}`)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('etag')).toBe('"2.1"')
  expect(await answer.json()).toEqual({
    id,
    client_id: null,
    status: 'APPROVED',
    itineraries: expect.any(Array),
    passengers: [{ type: 'adult', class: 'economy' }],
    trip_type: 'ONE_WAY',
    route: 'BOG-JFK',
    created_at: minute(0),
    updated_at: minute(2),
    version: 2,
  })
})

test('a reader who has the current version gets 304 and nothing else', async () => {
  const id = newId()
  await readSide.project(created(id))
  const same = await get(`/reservations/${id}`, { 'if-none-match': 'W/"1.1"' })
  expect([same.status, await same.text(), same.headers.get('etag')]).toEqual([304, '', '"1.1"'])
  const other = await get(`/reservations/${id}`, { 'if-none-match': '"0.1"' })
  expect(other.status).toBe(200)
})

test('an id that is not there is 404, one that is no id is 400', async () => {
  const absent = await get(`/reservations/${newId()}`)
  expect(absent.status).toBe(404)
  expect(absent.headers.get('content-type')).toBe('application/problem+json')
  const wrong = await get('/reservations/17')
  expect(wrong.status).toBe(400)
  expect(await wrong.json()).toMatchObject({ errors: [{ pointer: '/path/id' }] })
})

test('min_version waits for an event that is on its way, also for an id not seen yet', async () => {
  const id = newId()
  const asked = get(`/reservations/${id}?min_version=2`)
  await readSide.project(...reservationHistory(id).slice(0, 2))
  const answer = await asked
  expect(answer.status).toBe(200)
  expect(await answer.json()).toMatchObject({ id, version: 2 })
})

test('min_version that is not reached is 503 with the lag', async () => {
  const [id, unseen] = [newId(), newId()]
  await readSide.project(created(id))
  const [behind, absent] = await Promise.all([
    get(`/reservations/${id}?min_version=9`),
    get(`/reservations/${unseen}?min_version=1`),
  ])
  expect([behind.status, absent.status]).toEqual([503, 503])
  expect(behind.headers.get('retry-after')).toBe('1')
  expect(await behind.json()).toMatchObject({
    type: 'urn:aeroalpes:problem:view-behind',
    lag: { version: 1, expected: 9, waiting_events: 3 },
  })
  expect(await absent.json()).toMatchObject({ lag: { version: null, expected: 1 } })
})

test('pages show every reservation of a client once, newest first, while new ones arrive', async () => {
  const client = newId()
  const ids = Array.from({ length: 7 }, () => newId()).sort()
  await readSide.project(...ids.map((id) => created(id, client)))
  const seen: string[] = []
  let path: string | undefined = `/reservations?client_id=${client}&limit=3`
  while (path) {
    const answer = await get(path)
    const page = (await answer.json()) as Page
    seen.push(...page.items.map(({ id }) => id))
    path = /^<(.*)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1]
    expect(path === undefined).toBe(page.next_cursor === null)
    await readSide.project(created(newId(), client))
  }
  expect(seen).toEqual(ids.toReversed())
})

test('lists are filtered by status and by what is still to be paid', async () => {
  const client = newId()
  const [pending, approved, paid, cancelled] = [newId(), newId(), newId(), newId()]
  for (const [steps, id] of [pending, approved, paid, cancelled].entries())
    await readSide.project(created(id, client), ...reservationHistory(id).slice(1, steps + 1))
  const found = async (filter: string) =>
    new Set((await list(`/reservations?client_id=${client}&${filter}`)).items.map(({ id }) => id))
  expect((await list(`/reservations?client_id=${client.toUpperCase()}`)).items).toHaveLength(4)
  expect(await found('status=CANCELLED')).toEqual(new Set([cancelled]))
  expect(await found('paid=false')).toEqual(new Set([pending, approved]))
  expect(await found('paid=true')).toEqual(new Set([paid]))
  expect(await found('paid=false&status=APPROVED')).toEqual(new Set([approved]))
})

test.each([
  'status=pending',
  'paid=maybe',
  'limit=0',
  'limit=201',
  'limit=x',
  'cursor=garbage',
  'client_id=',
  'client_id=a%00b',
  'status=PAID&status=PENDING',
])('?%s is 400', async (query) => {
  const answer = await get(`/reservations?${query}`)
  expect(answer.status).toBe(400)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
})

test.each(['-1', '1.5', 'x', ''])('min_version=%s is 400', async (version) => {
  expect((await get(`/reservations/${newId()}?min_version=${version}`)).status).toBe(400)
})

test('with tokens, a reservation is its client’s and an agent’s only', async () => {
  const [id, ana] = [newId(), newId()]
  await readSide.project(
    created(id),
    envelopeOf('ReservationAssigned', id, 2, { reservation_id: id, client_id: ana }),
  )
  const app = readSide.app({ auth: 'jwt' })
  const as = async (sub: string, path: string, role?: string) => {
    const exp = Math.floor(Date.now() / 1000) + 60
    const token = await sign({ sub, exp, ...(role ? { role } : {}) }, jwtSecret)
    return app.request(path, { headers: { authorization: `Bearer ${token}` } })
  }
  const ids = async (answer: Response) =>
    ((await answer.json()) as Page).items.map((item) => item.id)

  expect((await app.request(`/reservations/${id}`)).status).toBe(401)
  expect((await app.request('/reservations')).status).toBe(401)
  expect((await as(ana, `/reservations/${id}`)).status).toBe(200)
  expect((await as(newId(), `/reservations/${id}`)).status).toBe(404)
  const waited = await as(newId(), `/reservations/${id}?min_version=9`)
  expect(await waited.json()).toMatchObject({ status: 503, lag: { version: null } })
  expect((await as('desk', `/reservations/${id}`, 'agent')).status).toBe(200)
  expect(await ids(await as(ana, '/reservations'))).toEqual([id])
  expect(await ids(await as(newId(), '/reservations'))).toEqual([])
  expect(await ids(await as(newId(), `/reservations?client_id=${ana}`))).toEqual([])
  expect(await ids(await as('desk', `/reservations?client_id=${ana}`, 'agent'))).toEqual([id])

  const nobodys = newId()
  await readSide.project(created(nobodys))
  expect((await as(ana, `/reservations/${nobodys}`)).status).toBe(404)
})
