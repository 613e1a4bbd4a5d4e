import { expect, test } from 'bun:test'
import { Invalid, Poison } from '../../shared/kernel/fates.ts'
import type { OutgoingMessage, Publisher } from '../../shared/messaging/port.ts'
import { putAside } from './dead-letters.ts'

const mib = 1024 * 1024
const why = new Poison('unreadable-message', 'no Avro')
const letter = (bytes: number) => ({
  topic: 'their-topic',
  subscription: 'ours',
  id: '1:2:-1',
  key: 'k',
  payload: new Uint8Array(bytes).fill(7),
  properties: { theirs: 'kept' },
})
/** Takes messages of up to 5 MiB, as Pulsar does. */
const inbox = () => {
  const stored: OutgoingMessage[] = []
  const publisher: Publisher = {
    async publish(_topic, message) {
      if (message.payload.byteLength > 5 * mib) throw new Invalid('too large', [], 'too-large')
      stored.push(message)
      return String(stored.length)
    },
    async close() {},
  }
  return { stored, publisher }
}

test('what is put aside is whole, with where it came from and why', async () => {
  const { stored, publisher } = inbox()
  await putAside(publisher, letter(10), why)
  expect(stored).toEqual([
    {
      key: 'k',
      payload: letter(10).payload,
      properties: {
        theirs: 'kept',
        REAL_TOPIC: 'their-topic',
        REAL_SUBSCRIPTION: 'ours',
        ORIGIN_MESSAGE_ID: '1:2:-1',
        ce_error: 'no Avro',
        ce_errorslug: 'unreadable-message',
      },
    },
  ])
})

test('what is too large for that is cut, and says so, rather than come again for ever', async () => {
  const { stored, publisher } = inbox()
  await putAside(publisher, letter(5 * mib + 1), why)
  expect(stored).toHaveLength(1)
  expect(stored[0]?.payload).toHaveLength(mib)
  expect(stored[0]?.properties).toMatchObject({
    ORIGIN_MESSAGE_ID: '1:2:-1',
    cut_from_bytes: String(5 * mib + 1),
  })
})
