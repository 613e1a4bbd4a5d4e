import { PulsarError } from '../errors.ts'
import type { MessageId } from '../message-id.ts'
import type { Message } from './message.ts'
import type { TopicConsumer } from './topic-consumer.ts'

/** The topics of one consumer; of a topic with partitions each. */
export class Parts {
  readonly #byId = new Map<number, TopicConsumer>()
  #paused = false
  #closed = false

  get all(): readonly TopicConsumer[] {
    return [...this.#byId.values()]
  }

  get size(): number {
    return this.#byId.size
  }

  /** Nothing may be added any more: nobody would take its messages. */
  get closed(): boolean {
    return this.#closed
  }

  add(part: TopicConsumer): void {
    this.#byId.set(part.consumerId, part)
    if (this.#paused) part.pause()
  }

  /** The topic is gone, or could not be had. */
  async drop(part: TopicConsumer): Promise<void> {
    this.#byId.delete(part.consumerId)
    await part.close()
  }

  /** As `drop`, where nobody is left whom an answer of the broker could concern. */
  dropQuietly(part: TopicConsumer): void {
    this.drop(part).catch(() => undefined)
  }

  find({ origin }: Message): TopicConsumer | undefined {
    return this.#byId.get(origin.consumerId)
  }

  /** @throws PulsarError `invalid-argument` for a message of another consumer */
  of(message: Message): TopicConsumer {
    const part = this.find(message)
    if (part) return part
    throw notOurs()
  }

  /** @throws PulsarError `invalid-argument` when the id could be of several topics */
  ofId({ partition }: MessageId): TopicConsumer {
    const all = this.all
    const meant = all.length === 1 ? all : all.filter((part) => part.partition === partition)
    const [only] = meant
    if (only && meant.length === 1) return only
    throw ambiguous()
  }

  /** In the partition of the id; everywhere for `earliest` and `latest`, which are of none. */
  async seek(id: MessageId): Promise<void> {
    const anywhere = id.ledgerId < 0 || id.ledgerId >= 2 ** 62
    const where = anywhere ? this.all : [this.ofId(id)]
    await Promise.all(where.map((part) => part.seek({ id })))
  }

  /** The last message of each that has one to come; for consumers that are not durable. */
  async lastAhead(): Promise<readonly MessageId[]> {
    const lasts = await Promise.all(this.all.map((part) => part.lastAhead()))
    return lasts.filter((last) => last !== undefined)
  }

  wanted(): void {
    for (const part of this.#byId.values()) part.wanted()
  }

  pause(): void {
    this.#paused = true
    for (const part of this.#byId.values()) part.pause()
  }

  resume(): void {
    this.#paused = false
    for (const part of this.#byId.values()) part.resume()
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.all.map((part) => part.close()))
  }
}

export const notOurs = () =>
  new PulsarError('invalid-argument', 'The message is of another consumer.')

const ambiguous = () =>
  new PulsarError(
    'invalid-argument',
    'The id could be of several topics; give a message received instead.',
  )
