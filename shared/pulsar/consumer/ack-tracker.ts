import type { MessageId } from '../message-id.ts'
import type { Body } from '../wire/commands.ts'

type MessageIdData = Body<'message'>['messageId']

interface BatchState {
  readonly ledgerId: number
  readonly entryId: number
  /** A bit a message, lowest first, set while it is not acknowledged. */
  readonly words: Uint32Array
  left: number
}

/**
 * Which messages of which batch are acknowledged. A broker forgets an entry as a whole, so the entry
 * is acknowledged with its last message; with batch index acknowledgements each message at once.
 */
export class AckTracker {
  readonly #batchIndexAck: boolean
  readonly #batches = new Map<string, BatchState>()
  // Most often the next message is of the same entry: that one is found without a lookup.
  #ledgerId = NaN
  #entryId = NaN
  #latest: BatchState | undefined

  constructor(batchIndexAck: boolean) {
    this.#batchIndexAck = batchIndexAck
  }

  /** Notes a message and returns what the broker has to be told; undefined for nothing yet. */
  acknowledge(id: MessageId): MessageIdData | undefined {
    if (id.batchIndex < 0) return entryOf(id)
    const state = this.#stateOf(id)
    clear(state, id.batchIndex)
    if (state.left === 0) return entryOf(id)
    return this.#batchIndexAck ? { ...entryOf(id), ackSet: ackSetOf(state) } : undefined
  }

  /** The same for everything up to and with a message; without batch index, up to the entry before. */
  acknowledgeUpTo(id: MessageId): MessageIdData | undefined {
    const entry = entryOf(id)
    this.#forgetBefore(entry)
    if (id.batchIndex < 0 || id.batchIndex >= id.batchSize - 1) return entry
    const state = this.#stateOf(id)
    for (let index = 0; index <= id.batchIndex; index++) clear(state, index)
    if (this.#batchIndexAck) return { ...entry, ackSet: ackSetOf(state) }
    return id.entryId > 0 ? { ...entry, entryId: id.entryId - 1 } : undefined
  }

  /** Whether a message that came again was acknowledged in this session already. */
  isAcknowledged(id: MessageId): boolean {
    if (this.#batches.size === 0) return false
    const state = this.#find(id)
    return state !== undefined && !isSet(state, id.batchIndex)
  }

  /** The broker could not be told: the message comes again, alone of its batch. */
  restore(id: MessageId): void {
    const state = id.batchIndex < 0 ? undefined : this.#find(id)
    if (!state || isSet(state, id.batchIndex)) return
    const at = id.batchIndex >>> 5
    state.words[at] = (state.words[at] ?? 0) | (1 << (id.batchIndex & 31))
    state.left++
  }

  /** The broker has the entry's acknowledgement: it will not come again. */
  forget(ledgerId: number, entryId: number): void {
    this.#batches.delete(`${ledgerId}:${entryId}`)
    if (ledgerId === this.#ledgerId && entryId === this.#entryId) this.#latest = undefined
  }

  #forgetBefore({ ledgerId, entryId }: MessageIdData): void {
    for (const state of this.#batches.values())
      if (state.ledgerId < ledgerId || (state.ledgerId === ledgerId && state.entryId < entryId))
        this.forget(state.ledgerId, state.entryId)
  }

  clear(): void {
    this.#batches.clear()
    this.#latest = undefined
  }

  #find({ ledgerId, entryId }: MessageId): BatchState | undefined {
    if (ledgerId === this.#ledgerId && entryId === this.#entryId) return this.#latest
    this.#ledgerId = ledgerId
    this.#entryId = entryId
    this.#latest = this.#batches.get(`${ledgerId}:${entryId}`)
    return this.#latest
  }

  #stateOf(id: MessageId): BatchState {
    const known = this.#find(id)
    if (known) return known
    const state = nothingAcknowledged(id)
    this.#batches.set(`${id.ledgerId}:${id.entryId}`, state)
    this.#latest = state
    return state
  }
}

const nothingAcknowledged = ({ ledgerId, entryId, batchSize: size }: MessageId): BatchState => {
  const words = new Uint32Array(Math.ceil(size / 32)).fill(-1)
  if (size % 32 > 0) words[words.length - 1] = 2 ** (size % 32) - 1
  return { ledgerId, entryId, words, left: size }
}

const entryOf = ({ ledgerId, entryId }: MessageId): MessageIdData => ({ ledgerId, entryId })

const isSet = ({ words }: BatchState, index: number): boolean =>
  (((words[index >>> 5] ?? 0) >>> (index & 31)) & 1) === 1

const clear = (state: BatchState, index: number): void => {
  if (!isSet(state, index)) return
  const { words } = state
  words[index >>> 5] = (words[index >>> 5] ?? 0) & ~(1 << (index & 31))
  state.left--
}

/** As the protocol has it: words of 64 bits. */
const ackSetOf = ({ words }: BatchState): readonly bigint[] =>
  Array.from(
    { length: Math.ceil(words.length / 2) },
    (_, at) => (BigInt(words[2 * at + 1] ?? 0) << 32n) | BigInt(words[2 * at] ?? 0),
  )
