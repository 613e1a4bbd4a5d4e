import { afterAll, beforeAll, expect, test } from 'bun:test'
import { sign } from 'hono/jwt'
import { newId } from '../../shared/kernel/ids.ts'
import type { Queryable } from '../../shared/postgres/database.ts'
import { jwtSecret, testReadSide, type TestReadSide } from '../../tests/support/query-app.ts'
import {
  created,
  envelopeOf,
  keepKey,
  minute,
  person,
  registered,
} from '../../tests/support/recorded-events.ts'
import { listUsers } from './user.find.ts'

interface Page {
  readonly items: readonly { readonly id: string; readonly status: string }[]
}

let readSide: TestReadSide
beforeAll(async () => {
  readSide = await testReadSide()
}, 60_000)
afterAll(() => readSide.close())

const get = (path: string) => readSide.app().request(path)
const ids = async (answer: Response) => ((await answer.json()) as Page).items.map(({ id }) => id)

const register = async (email: string) => {
  const somebody = person(email)
  await keepKey(readSide.database, somebody)
  await readSide.project(registered(somebody))
  return somebody
}

const linked = (user_id: string, reservation_id: string, sequence = 2) =>
  envelopeOf('ReservationAddedToUser', user_id, sequence, { user_id, reservation_id })
const assigned = (client_id: string, reservation_id: string) =>
  envelopeOf('ReservationAssigned', reservation_id, 2, { reservation_id, client_id })

test('a user is shown in clear, without anything of the password', async () => {
  const { id } = await register('Eva@Example.com')
  const answer = await get(`/users/${id}`)
  expect(answer.headers.get('etag')).toBe('"1.1"')
  const text = await answer.text()
  expect(text).not.toMatch(/password|hash|argon|sealed|digest/)
  expect(JSON.parse(text)).toEqual({
    id,
    kind: 'person',
    status: 'REGISTERED',
    first_name: 'Ana',
    last_name: 'Ruiz',
    email: 'Eva@Example.com',
    national_id: null,
    tax_id: null,
    birth_date: null,
    incorporated_on: null,
    locale: 'es-CO',
    registered_at: minute(0),
    updated_at: minute(1),
    version: 1,
  })
})

test('a user is found by the whole address in any case, and by nothing less', async () => {
  const { id } = await register('Maria.Rossi@Example.com')
  const find = async (email: string) => ids(await get(`/users?email=${encodeURIComponent(email)}`))
  expect(await find('maria.rossi@EXAMPLE.COM')).toEqual([id])
  expect(await find('maria.rossi@example.co')).toEqual([])
  expect(await find('%')).toEqual([])
})

test('an address with a plus is found, encoded or not', async () => {
  const { id } = await register('eva+flights@example.com')
  for (const email of ['eva+flights@example.com', 'eva%2Bflights@example.com'])
    expect(await ids(await get(`/users?email=${email}`))).toEqual([id])
})

test('users are listed by status', async () => {
  const { id } = await register('gone@example.com')
  await readSide.project(envelopeOf('UserDeactivated', id, 2, { user_id: id, reason: null }))
  expect(await ids(await get('/users?status=DEACTIVATED'))).toEqual([id])
  expect(await ids(await get('/users?status=REGISTERED'))).not.toContain(id)
  expect((await get('/users?status=gone')).status).toBe(400)
})

test('an unknown user is 404, for their reservations too', async () => {
  expect((await get(`/users/${newId()}`)).status).toBe(404)
  expect((await get(`/users/${newId()}/reservations`)).status).toBe(404)
  expect((await get('/users/me')).status).toBe(400)
})

test('min_version of a user waits until the linked reservation can be read, not only the link', async () => {
  const { id } = await register('link@example.com')
  const reservation = newId()
  await readSide.project(created(reservation), linked(id, reservation))
  expect(await ids(await get(`/users/${id}/reservations`))).toEqual([])
  const asked = get(`/users/${id}/reservations?min_version=2`)
  await readSide.project(assigned(id, reservation))
  expect(await ids(await asked)).toEqual([reservation])
})

test('reservations that a user made count as theirs without a link', async () => {
  const { id } = await register('own@example.com')
  const reservation = newId()
  await readSide.project(created(reservation, id))
  expect(await ids(await get(`/users/${id}/reservations`))).toEqual([reservation])
})

test('users are found by their key when they ask for their own, however many there are', async () => {
  const plan = await readSide.database.transaction(async (tx) => {
    const explain = (sql: string, given?: readonly unknown[]) => tx.query(`EXPLAIN ${sql}`, given)
    await tx.query('SET LOCAL enable_seqscan = off')
    return listUsers({ query: explain as Queryable['query'] }, [{ id: newId() }], { limit: 9 })
  })
  expect(JSON.stringify(plan)).toContain('users_pkey')
})

test('with tokens, users see themselves only, agents everybody', async () => {
  const [ana, eva] = [await register('a@example.com'), await register('e@example.com')]
  const reservation = newId()
  await readSide.project(created(reservation, ana.id))
  const app = readSide.app({ auth: 'jwt' })
  const as = async (sub: string, path: string, role?: string) => {
    const exp = Math.floor(Date.now() / 1000) + 60
    const token = await sign({ sub, exp, ...(role ? { role } : {}) }, jwtSecret)
    return app.request(path, { headers: { authorization: `Bearer ${token}` } })
  }
  expect((await as(ana.id, `/users/${ana.id}`)).status).toBe(200)
  expect((await as(eva.id, `/users/${ana.id}`)).status).toBe(404)
  expect((await as(eva.id, `/users/${ana.id}/reservations`)).status).toBe(404)
  for (const path of [`/users/${ana.id}`, `/users/${newId()}`, `/users/${ana.id}/reservations`])
    expect((await as(eva.id, `${path}?min_version=9`)).status).toBe(404)
  expect(await ids(await as(ana.id, `/users/${ana.id}/reservations`))).toEqual([reservation])
  expect(await ids(await as(eva.id, '/users'))).toEqual([eva.id])
  expect(await ids(await as(eva.id, '/users?email=a@example.com'))).toEqual([])
  expect(await ids(await as('no-uuid', '/users'))).toEqual([])
  expect(await ids(await as('desk', '/users?email=a@example.com', 'agent'))).toEqual([ana.id])
})
