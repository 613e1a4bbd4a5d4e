import { expect, test } from 'bun:test'
import { loadAddon } from './addon.ts'
import { Inbox } from './inbox.ts'
import { asPulsarError } from './results.ts'

test('without its binary the official client is an error with the command that fetches it', async () => {
  const missing = loadAddon(() => Promise.reject(new Error('Cannot find module pulsar.node')))
  await expect(missing).rejects.toMatchObject({ slug: 'official-client-missing', fate: 'misuse' })
  await expect(missing).rejects.toThrow('bun pm trust pulsar-client')
})

test('what the addon throws is told apart by the name of its result', () => {
  for (const [text, code] of [
    ['Failed to send message: ResultProducerFenced', 'producer-fenced'],
    ['Failed to create producer: TopicNotFound', 'topic-not-found'],
    ['Failed to create consumer: AuthenticationError', 'authentication'],
    ['Failed to send message: TimeOut', 'timeout'],
    ['something else', 'unknown'],
  ] as const)
    expect(asPulsarError(new Error(text)).code).toBe(code)
})

test('a listener waits while the inbox is full, and goes on when something is taken', async () => {
  const inbox = new Inbox<number>(2)
  expect(inbox.deliver(1)).toBeUndefined()
  let released = false
  const waiting = inbox.deliver(2)?.then(() => (released = true))
  await Promise.resolve()
  expect(released).toBe(false)
  expect(await inbox.next()).toBe(1)
  await waiting
  expect(await inbox.next()).toBe(2)
  const next = inbox.next()
  inbox.deliver(3)
  expect(await next).toBe(3)
})

test('a close lets the listener go and tells who waits', async () => {
  const inbox = new Inbox<number>(1)
  const waiting = inbox.next()
  inbox.close()
  await expect(waiting).rejects.toMatchObject({ code: 'closed' })
  expect(inbox.deliver(1)).toBeUndefined()
})
