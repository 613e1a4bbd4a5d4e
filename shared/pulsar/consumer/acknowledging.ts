import type { Connection } from '../connection/connection.ts'
import { PulsarError } from '../errors.ts'
import type { MessageId } from '../message-id.ts'
import { acknowledgeOne, AckSender, optional } from './ack-sender.ts'
import { AckTracker } from './ack-tracker.ts'
import type { Delivered } from './message.ts'
import type { ConsumerSettings } from './settings.ts'

interface Watcher {
  /** All of an entry is acknowledged. */
  settled(id: MessageId): void
  /** All of the entry and of those before it. */
  settledUpTo(entry: { readonly ledgerId: number; readonly entryId: number }): void
}

const noted = Promise.resolve()

/** The acknowledgements of one consumer of one topic. Those of an earlier session mean nothing any more. */
export class Acknowledging {
  readonly #consumerId: number
  readonly #settings: ConsumerSettings
  readonly #watcher: Watcher
  readonly #tracker: AckTracker
  #acks: AckSender | undefined
  #session = 0

  constructor(consumerId: number, settings: ConsumerSettings, watcher: Watcher) {
    this.#consumerId = consumerId
    this.#settings = settings
    this.#watcher = watcher
    this.#tracker = new AckTracker(settings.batchIndexAckEnabled)
  }

  begin(connection: Connection, session: number): void {
    this.#session = session
    this.#acks = new AckSender(connection, this.#consumerId, this.#settings)
  }

  end(): void {
    this.#acks?.end(comesAgain())
    this.#acks = undefined
    this.#tracker.clear()
  }

  isAcknowledged(id: MessageId): boolean {
    return id.batchIndex >= 0 && this.#tracker.isAcknowledged(id)
  }

  /** Without receipts it always resolves; what the broker does not get to know comes again. */
  one({ id, origin }: Delivered): Promise<void> {
    const acks = this.#of(origin.session)
    if (!acks) return this.#tooLate()
    if (!origin.chunkIds) return this.#entry(acks, id)
    const told = origin.chunkIds.map((one) => this.#entry(acks, one))
    return optional(Promise.all(told).then(() => undefined))
  }

  upTo({ id, origin }: Delivered): Promise<void> {
    const acks = this.#of(origin.session)
    if (!acks) return this.#tooLate()
    const told = this.#tracker.acknowledgeUpTo(id)
    if (!told) return noted
    const { ledgerId, entryId, ackSet } = told
    this.#watcher.settledUpTo({ ledgerId, entryId: ackSet ? entryId - 1 : entryId })
    return acks.cumulative(told)
  }

  /** Waits for every receipt that is still out. */
  async flush(): Promise<void> {
    await this.#acks?.flush()
  }

  #entry(acks: AckSender, id: MessageId): Promise<void> {
    return acknowledgeOne(this.#tracker, acks, id, this.#watcher)
  }

  #tooLate(): Promise<void> {
    return this.#settings.ackReceipts ? optional(Promise.reject(comesAgain())) : noted
  }

  #of(session: number): AckSender | undefined {
    return session === this.#session ? this.#acks : undefined
  }
}

const comesAgain = () =>
  new PulsarError(
    'connection',
    'The connection this message came on has ended; the message comes again.',
  )
