import type { MessageId } from '../message-id.ts'
import type { Body } from '../wire/commands.ts'

type MessageIdData = Body<'message'>['messageId']

interface BatchState {
  /** A bit a message, set while it is not acknowledged. */
  readonly words: bigint[]
  left: number
}

/**
 * Which messages of which batch are acknowledged. A broker forgets an entry as a whole, so the entry
 * is acknowledged with its last message; with batch index acknowledgements each message at once.
 */
export class AckTracker {
  readonly #batchIndexAck: boolean
  readonly #batches = new Map<string, BatchState>()

  constructor(batchIndexAck: boolean) {
    this.#batchIndexAck = batchIndexAck
  }

  /** Notes a message and returns what the broker has to be told; undefined for nothing yet. */
  acknowledge(id: MessageId): MessageIdData | undefined {
    const entry = entryOf(id)
    if (id.batchIndex < 0) return entry
    const state = this.#stateOf(id)
    clear(state, id.batchIndex)
    if (state.left === 0) return entry
    return this.#batchIndexAck ? { ...entry, ackSet: [...state.words] } : undefined
  }

  /** The same for everything up to and with a message; without batch index, up to the entry before. */
  acknowledgeUpTo(id: MessageId): MessageIdData | undefined {
    const entry = entryOf(id)
    if (id.batchIndex < 0 || id.batchIndex >= id.batchSize - 1) return entry
    const state = this.#stateOf(id)
    for (let index = 0; index <= id.batchIndex; index++) clear(state, index)
    if (this.#batchIndexAck) return { ...entry, ackSet: [...state.words] }
    return id.entryId > 0 ? { ...entry, entryId: id.entryId - 1 } : undefined
  }

  /** Whether a message that came again was acknowledged in this session already. */
  isAcknowledged(id: MessageId): boolean {
    const state = this.#batches.get(keyOf(id))
    return state !== undefined && !isSet(state, id.batchIndex)
  }

  /** The broker has the entry's acknowledgement: it will not come again. */
  forget(ledgerId: number, entryId: number): void {
    this.#batches.delete(`${ledgerId}:${entryId}`)
  }

  clear(): void {
    this.#batches.clear()
  }

  #stateOf(id: MessageId): BatchState {
    const key = keyOf(id)
    const known = this.#batches.get(key)
    if (known) return known
    const words = Array.from({ length: Math.ceil(id.batchSize / 64) }, (_, at) =>
      BigInt.asUintN(Math.min(id.batchSize - at * 64, 64), -1n),
    )
    const state = { words, left: id.batchSize }
    this.#batches.set(key, state)
    return state
  }
}

const keyOf = (id: MessageId): string => `${id.ledgerId}:${id.entryId}`

const entryOf = ({ ledgerId, entryId }: MessageId): MessageIdData => ({ ledgerId, entryId })

const bit = (index: number): bigint => 1n << BigInt(index & 63)

const isSet = (state: BatchState, index: number): boolean =>
  ((state.words[index >>> 6] ?? 0n) & bit(index)) !== 0n

const clear = (state: BatchState, index: number): void => {
  if (!isSet(state, index)) return
  state.words[index >>> 6] = (state.words[index >>> 6] ?? 0n) & ~bit(index)
  state.left--
}
