import { expect, setSystemTime, test } from 'bun:test'
import { sign } from 'hono/jwt'
import { reservationBody } from '../../tests/support/bodies.ts'
import { commandAppWith } from '../../tests/support/command-app.ts'
import { tokenVerifier } from '../../shared/identity/token-verifier.ts'
import { rememberedClaims } from './remembered-claims.ts'

const keyed = { 'idempotency-key': '"once"' }
const answerOf = async (answer: Response) => {
  const { command_id, id } = (await answer.json()) as { command_id: string; id: string }
  return { status: answer.status, command_id, id }
}
/** A process without a database, as far as keys go. */
const edge = () => commandAppWith({ claims: rememberedClaims() })

test('without a database the same key becomes the same command and the same thing on every machine', async () => {
  const [one, other] = [edge(), edge()]
  const first = await answerOf(await one.post('/reservations', reservationBody, keyed))
  expect(await answerOf(await other.post('/reservations', reservationBody, keyed))).toEqual(first)
  expect(await answerOf(await one.post('/reservations', reservationBody, keyed))).toEqual(first)
  const envelopes = [...one.published, ...other.published].map(({ envelope }) => envelope)
  expect(envelopes.map(({ id }) => id)).toEqual([
    first.command_id,
    first.command_id,
    first.command_id,
  ])
  expect(new Set(envelopes.map(({ fingerprint }) => fingerprint)).size).toBe(1)
})

test('a repeat keeps the time of the first, so that the inbox still knows it', async () => {
  const { post, published } = edge()
  await post('/reservations', reservationBody, keyed)
  setSystemTime(Date.now() + 60_000)
  await post('/reservations', reservationBody, keyed)
  setSystemTime()
  expect(published[1]?.envelope.time).toBe(published[0]?.envelope.time ?? '')
})

test('after its week a key that is remembered stands for a new command, also with another body', async () => {
  const { post, published } = edge()
  const first = await answerOf(await post('/reservations', reservationBody, keyed))
  setSystemTime(Date.now() + 7 * 86_400_000 + 1000)
  const other = { ...reservationBody, client_id: 'other' }
  const later = await answerOf(await post('/reservations', other, keyed))
  const again = await answerOf(await post('/reservations', other, keyed))
  const now = new Date().toISOString().slice(0, 16)
  setSystemTime()
  expect(later).toMatchObject({ status: 202 })
  expect(later.command_id).not.toBe(first.command_id)
  expect(again).toEqual(later)
  expect(published[1]?.envelope.time).toStartWith(now)
})

test('another key, another caller or no key is another command', async () => {
  const { post } = edge()
  const first = await answerOf(await post('/reservations', reservationBody, keyed))
  const other = { 'idempotency-key': '"twice"' }
  for (const headers of [other, {}]) {
    const { command_id, id } = await answerOf(await post('/reservations', reservationBody, headers))
    expect([command_id, id]).not.toContain(first.command_id)
    expect([command_id, id]).not.toContain(first.id)
  }
})

test('one key of two callers is two commands, and that of one caller one', async () => {
  const secret = 'a secret of thirty-two characters'
  const verifier = tokenVerifier({ secret })
  const { post } = commandAppWith({ claims: rememberedClaims(), verifier })
  const sentBy = async (subject: string) => {
    const token = await sign({ sub: subject, exp: Math.floor(Date.now() / 1000) + 60 }, secret)
    const authorization = `Bearer ${token}`
    return answerOf(await post('/reservations', reservationBody, { ...keyed, authorization }))
  }
  const first = await sentBy('ana')
  expect(await sentBy('ana')).toEqual(first)
  const other = await sentBy('bob')
  expect(other.status).toBe(202)
  expect(other.command_id).not.toBe(first.command_id)
  expect(other.id).not.toBe(first.id)
})

test('a key with another body is refused where the first is remembered', async () => {
  const { post } = edge()
  await post('/reservations', reservationBody, keyed)
  const answer = await post('/reservations', { ...reservationBody, client_id: 'other' }, keyed)
  expect(answer.status).toBe(422)
  expect(await answer.json()).toMatchObject({
    type: 'urn:aeroalpes:problem:idempotency-key-reused',
  })
})
