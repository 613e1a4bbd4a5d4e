import { PulsarError } from '../errors.ts'
import type { MessageId } from '../message-id.ts'
import type { MessageMetadata } from '../wire/metadata.ts'
import { entryKey } from './redelivery.ts'

interface Gathering {
  readonly parts: Uint8Array[]
  /** Of every entry that holds a part: whoever sends again after a reconnection stores some twice. */
  readonly ids: Map<string, MessageId>
  bytes: number
}

export interface Assembled {
  readonly payload: Uint8Array
  readonly ids: readonly MessageId[]
}

/** As many chunked messages as the Java client gathers at once; the oldest gives way. */
const maxGathering = 10

/** Puts chunks together (PIP-37). What is incomplete stays unacknowledged and so comes again. */
export class ChunkAssembler {
  readonly #gathering = new Map<string, Gathering>()
  readonly #maxBytes: number

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /**
   * The whole message with its last chunk; undefined before, or when a chunk is missing.
   * @throws PulsarError `protocol` when it has grown too large
   */
  add(metadata: MessageMetadata, payload: Uint8Array, id: MessageId): Assembled | undefined {
    const { uuid = '', chunkId = 0, chunks = 1 } = metadata
    const gathering = this.#gatheringOf(uuid, chunkId)
    if (!gathering || gathering.parts.length < chunkId) {
      this.#gathering.delete(uuid)
      return undefined
    }
    gathering.ids.set(entryKey(id), id)
    // Stored twice: it is acknowledged with the message.
    if (gathering.parts.length > chunkId) return undefined
    gathering.parts.push(payload)
    gathering.bytes += payload.length
    if (gathering.bytes > this.#maxBytes) {
      this.#gathering.delete(uuid)
      throw new PulsarError(
        'protocol',
        `A message in chunks has more than ${this.#maxBytes} bytes.`,
      )
    }
    if (chunkId < chunks - 1) return undefined
    this.#gathering.delete(uuid)
    return { payload: concat(gathering), ids: [...gathering.ids.values()] }
  }

  clear(): void {
    this.#gathering.clear()
  }

  #gatheringOf(uuid: string, chunkId: number): Gathering | undefined {
    const known = this.#gathering.get(uuid)
    if (chunkId > 0) return known
    this.#gathering.delete(uuid)
    const [oldest] = this.#gathering.keys()
    if (this.#gathering.size >= maxGathering && oldest !== undefined) this.#gathering.delete(oldest)
    // Begun anew, and not from the same bytes for certain: a producer that restarts may count anew.
    const fresh = { parts: [], ids: known?.ids ?? new Map<string, MessageId>(), bytes: 0 }
    this.#gathering.set(uuid, fresh)
    return fresh
  }
}

const concat = ({ parts, bytes }: Gathering): Uint8Array => {
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
