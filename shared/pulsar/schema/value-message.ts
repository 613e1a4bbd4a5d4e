import { Buffer } from 'node:buffer'
import { PulsarError } from '../errors.ts'
import type { ProducerMessage, ValueMessage } from '../producer/options.ts'
import type { Codec } from './codec.ts'

/** What a producer takes: bytes, or a value for its schema. */
export type AnyMessage<T> = ProducerMessage | ValueMessage<T>

/** @throws PulsarError `invalid-argument` for a value that does not fit, or without a schema */
export const toMessage = <T>(
  codec: Codec<T> | undefined,
  { value, ...rest }: ValueMessage<T>,
): ProducerMessage => {
  if (!codec)
    throw new PulsarError(
      'invalid-argument',
      'Give the producer a schema, or send bytes as `data`.',
    )
  const { data, key } = codec.encode(value)
  if (!key) return { ...rest, data }
  const partitionKey = Buffer.from(key).toString('base64')
  return { ...rest, data, partitionKey, partitionKeyBase64: true }
}
