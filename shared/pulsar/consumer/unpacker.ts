import { decompress } from '../compression/codecs.ts'
import { asPulsarError, PulsarError } from '../errors.ts'
import { type MessageId, messageId } from '../message-id.ts'
import type { ByteReader } from '../wire/byte-reader.ts'
import type { Body } from '../wire/commands.ts'
import { readEntry } from '../wire/frame-reader.ts'
import type { MessageMetadata } from '../wire/metadata.ts'
import { countLeft, isAcknowledged } from './ack-set.ts'
import { ChunkAssembler } from './chunk-assembler.ts'
import { Message, type Origin } from './message.ts'
import { mostInBatch, unpackBatch } from './unpack.ts'

/** More than this an entry, or a message of many chunks, may not inflate to. */
const maxInflatedBytes = 64 * 1024 * 1024

export interface Arrived {
  readonly messages: readonly Message[]
  /** How many messages the broker counts the entry as. */
  readonly permits: number
  /** Of their payload. */
  readonly bytes: number
  /** Why the entry cannot be read: `protocol` or `checksum`. It has no messages then. */
  readonly failure?: PulsarError
}

/** Makes messages of what arrives for one consumer. */
export class Unpacker {
  readonly #partition: number
  readonly #chunks = new ChunkAssembler(maxInflatedBytes)

  constructor(partition: number) {
    this.#partition = partition
  }

  clear(): void {
    this.#chunks.clear()
  }

  unpack(body: Body<'message'>, rest: ByteReader, origin: Origin): Arrived {
    // Of an entry whose metadata cannot be read nobody knows how many messages it was counted as.
    let permits = 1
    try {
      const { metadata, payload, intact } = readEntry(rest)
      if (!intact) throw new PulsarError('checksum', 'An entry does not fit its checksum.')
      permits = permitsOf(body, metadata)
      return this.#messages(body, metadata, payload, origin)
    } catch (thrown) {
      return { messages: [], permits, bytes: 0, failure: asPulsarError(thrown) }
    }
  }

  #messages(
    body: Body<'message'>,
    metadata: MessageMetadata,
    payload: Uint8Array,
    origin: Origin,
  ): Arrived {
    const id = this.#idOf(body)
    if ((metadata.chunks ?? 1) > 1) return this.#chunk(metadata, payload, id, origin)
    const plain = inflate(metadata, payload)
    if (metadata.messagesInBatch !== undefined) return batch(body, metadata, plain, id, origin)
    return alone(new Message(id, origin, plain, metadata, undefined), plain.length)
  }

  #chunk(metadata: MessageMetadata, payload: Uint8Array, id: MessageId, origin: Origin): Arrived {
    const whole = this.#chunks.add(metadata, payload.slice(), id)
    if (!whole) return { messages: [], permits: 1, bytes: payload.length }
    const plain = inflate(metadata, whole.payload)
    const chunked = { ...origin, chunkIds: whole.ids }
    return alone(new Message(id, chunked, plain, metadata, undefined), payload.length)
  }

  #idOf({ messageId: { ledgerId, entryId } }: Body<'message'>): MessageId {
    return messageId({ ledgerId, entryId, partition: this.#partition })
  }
}

/** Copies what was not inflated: a view would keep a whole chunk of the socket alive. */
const inflate = (metadata: MessageMetadata, payload: Uint8Array): Uint8Array => {
  const { compression = 0, uncompressedSize = 0 } = metadata
  if (compression === 0) return payload.slice()
  return decompress(compression, payload, uncompressedSize, maxInflatedBytes)
}

/** A strange number must not become permits nobody could count. */
const permitsOf = ({ ackSet }: Body<'message'>, { messagesInBatch = 1 }: MessageMetadata): number =>
  countLeft(ackSet, Math.min(Math.max(messagesInBatch, 1), mostInBatch))

const alone = (message: Message, bytes: number): Arrived => ({
  messages: [message],
  permits: 1,
  bytes,
})

const batch = (
  body: Body<'message'>,
  metadata: MessageMetadata,
  plain: Uint8Array,
  { ledgerId, entryId, partition }: MessageId,
  origin: Origin,
): Arrived => {
  const batchSize = metadata.messagesInBatch ?? 1
  const messages: Message[] = []
  for (const { index, data, single } of unpackBatch(plain, batchSize)) {
    if (isAcknowledged(body.ackSet, index)) continue
    const id = { ledgerId, entryId, partition, batchIndex: index, batchSize }
    messages.push(new Message(id, origin, data, metadata, single))
  }
  return { messages, permits: permitsOf(body, metadata), bytes: plain.length }
}
