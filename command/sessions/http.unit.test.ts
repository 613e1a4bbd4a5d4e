import { describe, expect, test } from 'bun:test'
import { problem } from '../../shared/http/problem.ts'
import { tokenVerifier } from '../../shared/identity/token-verifier.ts'
import { reservationBody } from '../../tests/support/bodies.ts'
import { commandAppWith } from '../../tests/support/command-app.ts'
import type { LogIn } from './log-in.ts'

const id = '0197a000-0000-7000-8000-00000000000f'
const secret = 'a secret of at least 32 characters, as it should be'
const issuer = { secret, issuer: 'us', audience: 'api' }
const login = { email: 'ana@example.com', password: 'correct horse battery staple' }
const onlyAna: LogIn = async (email) => {
  if (email === login.email) return id
  throw problem('unauthenticated', 401, 'no')
}

describe('POST /sessions', () => {
  test('gives a token that holds here for an hour, and is kept by no cache', async () => {
    const verifier = tokenVerifier(issuer)
    const { post, published } = commandAppWith({ verifier, sessions: { logIn: onlyAna, issuer } })
    const answer = await post('/sessions', login)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const session = (await answer.json()) as { access_token: string }
    expect<object>(session).toEqual({
      access_token: session.access_token,
      token_type: 'Bearer',
      expires_in: 3600,
    })
    const authorization = `Bearer ${session.access_token}`
    expect((await post('/reservations', reservationBody, { authorization })).status).toBe(202)
    expect(published[0]?.envelope.owner).toBe(id)
  })

  test('refuses what nobody could log in with', async () => {
    const { post } = commandAppWith({ sessions: { logIn: onlyAna, issuer } })
    const wrong = [
      {},
      { ...login, email: 1 },
      { ...login, password: 'x'.repeat(201) },
      { ...login, more: 1 },
    ]
    for (const body of wrong) expect((await post('/sessions', body)).status).toBe(400)
  })

  test('says where tokens come from when they do not come from here', async () => {
    const { post } = commandAppWith({ sessions: { logIn: onlyAna } })
    const answer = await post('/sessions', login)
    expect(answer.status).toBe(501)
    expect(await answer.json()).toMatchObject({
      type: 'urn:aeroalpes:problem:tokens-issued-elsewhere',
    })
  })
})

describe('POST /sessions without a database', () => {
  const sessionsAt = (commandUrl: string | undefined) =>
    commandAppWith({ sessions: { commandUrl } }).post('/sessions', login)

  test('is sent on to the address of the command side, as it is', async () => {
    const answer = await sessionsAt('http://command.example/')
    expect(answer.status).toBe(307)
    expect(answer.headers.get('location')).toBe('http://command.example/sessions')
  })

  test('says which setting is missing, also when it would lead back here', async () => {
    for (const commandUrl of [undefined, 'http://localhost']) {
      const answer = await sessionsAt(commandUrl)
      expect(answer.status).toBe(503)
      expect(await answer.json()).toMatchObject({
        type: 'urn:aeroalpes:problem:no-session-address',
        detail: expect.stringContaining('COMMAND_URL'),
      })
    }
  })
})

describe('a remote address', () => {
  const from = async (address: string, email: string) => {
    const { app } = under
    return app.request(
      '/sessions',
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...login, email }),
      },
      { address },
    )
  }
  const under = commandAppWith({ sessions: { logIn: onlyAna, issuer } })

  test('that failed 60 times within a minute is refused, whatever it tries; others are not', async () => {
    for (let n = 0; n < 60; n++) {
      expect((await from('192.0.2.1', login.email)).status).toBe(200)
      expect((await from('192.0.2.1', `guess${n}@example.com`)).status).toBe(401)
    }
    const refused = await from('192.0.2.1', login.email)
    expect(refused.status).toBe(429)
    expect(refused.headers.get('content-type')).toBe('application/problem+json')
    expect(Number(refused.headers.get('retry-after'))).toBeWithin(1, 61)
    expect((await from('192.0.2.2', login.email)).status).toBe(200)
  })
})
