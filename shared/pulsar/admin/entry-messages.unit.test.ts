import { expect, test } from 'bun:test'
import { ByteWriter } from '../wire/byte-writer.ts'
import { encodeSingleMetadata, type SingleMessageMetadata } from '../wire/single-metadata.ts'
import { messagesOf } from './entry-messages.ts'
import type { RawEntry } from './raw-entry.ts'

const publishTime = new Date(1_000)
const entry = (given: Partial<RawEntry>): RawEntry => ({
  id: { ledgerId: 7, entryId: 3 },
  publishTime,
  eventTime: undefined,
  producerName: 'p',
  key: 'key of some message',
  properties: { said: 'by some message' },
  batchOf: undefined,
  compression: 'LZ4',
  payload: Buffer.from('alone'),
  ...given,
})

test('an entry that is no batch is one message', () => {
  expect(messagesOf(entry({}))).toEqual([
    {
      id: '7:3',
      publishTime,
      eventTime: undefined,
      producerName: 'p',
      key: 'key of some message',
      properties: { said: 'by some message' },
      payload: Buffer.from('alone'),
    },
  ])
})

test('of a batch each message has its own key, properties and event time', () => {
  const payload = batch(
    { text: 'one', partitionKey: 'a', properties: { n: '1' } },
    { text: 'two', partitionKey: btoa('ü'), partitionKeyBase64: true, eventTime: 5_000 },
  )
  const messages = messagesOf(entry({ payload, batchOf: 2 }))
  expect(messages.map(({ payload: bytes }) => Buffer.from(bytes).toString())).toEqual([
    'one',
    'two',
  ])
  expect(messages).toMatchObject([
    { id: '7:3:0', key: 'a', properties: { n: '1' }, eventTime: undefined, publishTime },
    { id: '7:3:1', properties: {}, eventTime: new Date(5_000) },
  ])
  expect(messages[1]!.key).toBe(Buffer.from(btoa('ü'), 'base64').toString())
})

function batch(...messages: readonly (Partial<SingleMessageMetadata> & { text: string })[]) {
  return Buffer.concat(
    messages.map(({ text, ...single }) => {
      const out = new ByteWriter()
      encodeSingleMetadata(out, { payloadSize: text.length, ...single })
      const metadata = Buffer.from(out.finish())
      const size = Buffer.alloc(4)
      size.writeUInt32BE(metadata.length)
      return Buffer.concat([size, metadata, Buffer.from(text)])
    }),
  )
}
