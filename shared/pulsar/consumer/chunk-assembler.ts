import type { MessageId } from '../message-id.ts'
import type { MessageMetadata } from '../wire/metadata.ts'

interface Gathering {
  readonly parts: Uint8Array[]
  readonly ids: MessageId[]
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

  /** The whole message with its last chunk; undefined before, or when a chunk is missing. */
  add(metadata: MessageMetadata, payload: Uint8Array, id: MessageId): Assembled | undefined {
    const { uuid = '', chunkId = 0, chunks = 1 } = metadata
    if (chunkId === 0) this.#begin(uuid)
    const gathering = this.#gathering.get(uuid)
    if (!gathering || gathering.parts.length !== chunkId) {
      this.#gathering.delete(uuid)
      return undefined
    }
    gathering.parts.push(payload)
    gathering.ids.push(id)
    gathering.bytes += payload.length
    if (gathering.bytes > this.#maxBytes) this.#gathering.delete(uuid)
    if (chunkId < chunks - 1) return undefined
    this.#gathering.delete(uuid)
    return { payload: concat(gathering), ids: gathering.ids }
  }

  clear(): void {
    this.#gathering.clear()
  }

  #begin(uuid: string): void {
    this.#gathering.delete(uuid)
    const [oldest] = this.#gathering.keys()
    if (this.#gathering.size >= maxGathering && oldest !== undefined) this.#gathering.delete(oldest)
    this.#gathering.set(uuid, { parts: [], ids: [], bytes: 0 })
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
