import { expect, test } from 'bun:test'
import { ByteWriter } from '../wire/byte-writer.ts'
import { encodeSingleMetadata } from '../wire/single-metadata.ts'
import { unpackBatch } from './unpack.ts'

const withSize = (payloadSize: number): Uint8Array => {
  const metadata = new ByteWriter()
  encodeSingleMetadata(metadata, { payloadSize })
  const body = new ByteWriter()
  body.uint32be(metadata.length)
  body.raw(metadata.finish())
  return body.finish()
}

test('a message of a negative size ends the batch, instead of being read again and again', () => {
  const bytes = withSize(-1).length
  expect(() => unpackBatch(withSize(-bytes), 1_000)).toThrow(
    expect.objectContaining({ code: 'protocol' }),
  )
})

test('a small body that says it holds millions of messages is refused before they are made', () => {
  const body = new Uint8Array(4 * (2 ** 20 + 1))
  expect(() => unpackBatch(body, 2 ** 20 + 1)).toThrow(
    expect.objectContaining({ code: 'protocol' }),
  )
})
