import { describe, expect, test } from 'bun:test'
import { sign } from 'hono/jwt'
import { reservationBody, userBody } from '../tests/support/bodies.ts'
import { commandAppWith } from '../tests/support/command-app.ts'
import { tokenVerifier } from '../shared/identity/token-verifier.ts'

const id = '0197a000-0000-7000-8000-00000000000f'
const user = userBody('ana@example.com')

describe('with AUTH=jwt', () => {
  const secret = 'a secret of at least 32 characters, as it should be'
  const verifier = tokenVerifier({ secret })
  const bearer = async (sub: string, more: object = {}) => ({
    authorization: `Bearer ${await sign({ sub, exp: Math.floor(Date.now() / 1000) + 60, ...more }, secret)}`,
  })
  const other = '0197a000-0000-7000-8000-0000000000aa'
  const commandsOfOthers = [
    ['/reservations', { ...reservationBody, client_id: id }],
    [`/users/${id}/validate`, { code: '12345678' }],
    [`/users/${id}/deactivate`, {}],
    [`/users/${id}/reservations`, { reservation_id: other }],
  ] as const

  test('registering and logging in need no token, everything else does', async () => {
    const { app, post, published } = commandAppWith({ verifier })
    expect((await post('/users', user)).status).toBe(202)
    expect((await post('/sessions', {})).status).toBe(400)
    for (const path of [
      '/reservations',
      `/reservations/${id}/approve`,
      `/users/${id}/deactivate`,
    ]) {
      const refused = await post(path, reservationBody)
      expect(refused.status).toBe(401)
      expect(refused.headers.get('www-authenticate')).toStartWith('Bearer')
    }
    expect((await app.request('/livez')).status).toBe(200)
    expect((await app.request('/openapi.json')).status).toBe(200)
    expect(published).toHaveLength(1)
  })

  test('a reservation is the caller’s own when it names nobody, and carries its owner', async () => {
    const { post, published } = commandAppWith({ verifier })
    await post('/reservations', reservationBody, await bearer(id))
    expect(published[0]?.envelope).toMatchObject({ owner: id, data: { client_id: id } })
  })

  test('nobody acts for another, and nothing is published', async () => {
    const { post, published } = commandAppWith({ verifier })
    for (const [path, body] of commandsOfOthers)
      expect((await post(path, body, await bearer(other))).status).toBe(403)
    expect(published).toHaveLength(0)
  })

  test('one acts for oneself, and an agent for anybody', async () => {
    const { post, published } = commandAppWith({ verifier })
    for (const [path, body] of commandsOfOthers) {
      expect((await post(path, body, await bearer(id))).status).toBe(202)
      expect((await post(path, body, await bearer(other, { role: 'agent' }))).status).toBe(202)
    }
    expect(published).toHaveLength(8)
  })

  test('the receipt of a command is shown to its owner and to agents, to others it is 404', async () => {
    const { app, post } = commandAppWith({ verifier })
    const answer = await post('/reservations', reservationBody, await bearer(id))
    const location = answer.headers.get('location') ?? ''
    const read = async (headers: Record<string, string>) =>
      (await app.request(location, { headers })).status
    expect(await read(await bearer(id))).toBe(200)
    expect(await read(await bearer(other, { role: 'agent' }))).toBe(200)
    expect(await read(await bearer(other))).toBe(404)
    expect(await read({})).toBe(401)
  })

  test('the receipt of a registration is shown to whoever has its Location', async () => {
    const { app, post } = commandAppWith({ verifier })
    const answer = await post('/users', user)
    expect((await app.request(answer.headers.get('location') ?? '')).status).toBe(200)
  })

  test('two callers may use one Idempotency-Key', async () => {
    const { post, published } = commandAppWith({ verifier })
    const key = { 'idempotency-key': 'k1' }
    await post('/reservations', reservationBody, { ...key, ...(await bearer(id)) })
    await post('/reservations', reservationBody, { ...key, ...(await bearer(other)) })
    expect(new Set(published.map(({ envelope }) => envelope.id)).size).toBe(2)
  })
})
