import { expect, test } from 'bun:test'
import { refused } from '../../pulsar/admin/errors.ts'
import { PulsarError, type PulsarErrorCode } from '../../pulsar/errors.ts'
import { fateOf } from './fates.ts'

const codes: readonly (readonly [PulsarErrorCode, string, string])[] = [
  ['topic-not-found', 'misuse', 'unknown-topic'],
  ['consumer-busy', 'transient', 'subscription-busy'],
  ['producer-busy', 'transient', 'publisher-busy'],
  ['producer-fenced', 'transient', 'fenced'],
  ['message-too-big', 'invalid', 'message-too-large'],
  ['incompatible-schema', 'misuse', 'incompatible-schema'],
  ['authentication', 'misuse', 'broker-authentication'],
  ['authorization', 'misuse', 'broker-authorization'],
  ['connection', 'transient', 'broker-unavailable'],
  ['timeout', 'transient', 'broker-unavailable'],
  ['queue-full', 'transient', 'broker-unavailable'],
  ['topic-terminated', 'misuse', 'broker-refused'],
]

for (const [code, fate, slug] of codes)
  test(`${code} of the client is ${slug}, and names the topic`, () => {
    const found = fateOf(new PulsarError(code, 'why'), 'the-topic')
    expect(found).toMatchObject({ fate, slug })
    expect(found.message).toContain('the-topic')
  })

test('only a message that may have left may have been stored', () => {
  const began = (code: PulsarErrorCode, sending: boolean) =>
    fateOf(new PulsarError(code, 'why'), 't', sending)
  expect(began('timeout', true)).toMatchObject({ sendBegan: true })
  expect(began('queue-full', true)).toMatchObject({ sendBegan: false })
  expect(began('timeout', false)).toMatchObject({ sendBegan: false })
})

test('the admin interface says the same by its status', () => {
  for (const [status, slug] of [
    [401, 'broker-authentication'],
    [403, 'broker-authorization'],
    [404, 'unknown-topic'],
    [409, 'broker-refused'],
    [503, 'broker-unavailable'],
  ] as const)
    expect(fateOf(refused('GET x', status, ''), 't')).toMatchObject({ slug })
})
