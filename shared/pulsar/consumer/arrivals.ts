import type { PulsarError } from '../errors.ts'
import { messageId } from '../message-id.ts'
import type { ByteReader } from '../wire/byte-reader.ts'
import type { Body } from '../wire/commands.ts'
import type { Acknowledging } from './acknowledging.ts'
import { tell } from './listen.ts'
import type { Message } from './message.ts'
import type { Permits } from './permits.ts'
import type { Position } from './position.ts'
import type { Redeliveries } from './redeliveries.ts'
import type { TopicConsumerContext } from './topic-consumer.ts'
import { Unpacker } from './unpacker.ts'

interface Gate {
  readonly permits: Permits
  readonly acknowledging: Acknowledging
  readonly redeliveries: Redeliveries
}

/** Takes the entries of one topic apart and lets into the queue what is wanted of them. */
export class Arrivals {
  readonly #context: TopicConsumerContext
  readonly #gate: Gate
  readonly #unpacker: Unpacker

  constructor(context: TopicConsumerContext, gate: Gate) {
    this.#context = context
    this.#gate = gate
    this.#unpacker = new Unpacker(context.partition)
  }

  /** @param position what it drops, being before it; undefined where the broker knows the place */
  take(
    session: number,
    position: Position | undefined,
    body: Body<'message'>,
    rest: ByteReader,
  ): void {
    const { topic, consumerId, queue, values } = this.#context
    const { permits } = this.#gate
    const { redeliveryCount = 0 } = body
    const origin = { topic, consumerId, session, redeliveryCount, chunkIds: undefined, values }
    const arrived = this.#unpacker.unpack(body, rest, origin)
    // It stays unacknowledged: dropping it, or the whole connection, would be worse.
    if (arrived.failure) this.#unreadable(arrived.failure, body)
    // Sent before all was asked for again, it comes once more; its permits are used all the same.
    const outdated = (body.consumerEpoch ?? 0) < this.#gate.redeliveries.epoch
    const admitted = outdated ? [] : this.#admit(arrived.messages, position)
    permits.arrived(arrived.permits, arrived.bytes)
    permits.used(arrived.permits - admitted.length)
    for (const message of admitted) queue.push(message)
    if (queue.waiting > 0) permits.wanted()
  }

  clear(): void {
    this.#unpacker.clear()
  }

  #unreadable(failure: PulsarError, { messageId: { ledgerId, entryId } }: Body<'message'>): void {
    const { topic, settings } = this.#context
    tell(() => settings.onUnreadable?.(failure, messageId({ ledgerId, entryId }), topic))
  }

  #admit(messages: readonly Message[], position: Position | undefined): readonly Message[] {
    const { acknowledging, redeliveries } = this.#gate
    const fresh = messages.filter(
      (message) =>
        !acknowledging.isAcknowledged(message.id) &&
        (position === undefined || position.isFresh(message)),
    )
    return redeliveries.admit(fresh)
  }
}
