import { randomUUID } from 'node:crypto'
import { forbidInTransaction } from '../../postgres/guard.ts'
import type { ReceivedMessage } from '../port.ts'
import { type ReceiveQueue, receiveQueue } from '../receive-queue.ts'
import type { PulsarConsumerOptions } from './consumer.ts'
import { brokerAway, fateOf } from './fates.ts'
import type { Delivery, Feed, Position } from './driver.ts'
import { Hand, type Held } from './hand.ts'
import { idText } from './message-ids.ts'
import { Pump } from './pump.ts'
import { Settled } from './settled.ts'
import type { Part } from './topics.ts'

const defaultSize = 1000
/** Payload fetched ahead from all partitions together, before it is in the hand. */
const fetchedAheadBytes = 64 * 1024 * 1024
const defaultRestMs = 1000
const mostSettled = 10_000

/** What one consumer reads: fetched from its partitions by pumps, kept in a hand, given to who waits. */
export class Reading<Raw extends Delivery> {
  readonly #options: PulsarConsumerOptions<Raw>
  readonly #hand: Hand<Pump<Raw>, Raw>
  readonly #queue: ReceiveQueue
  readonly #settled = new Settled(mostSettled)
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()
  readonly #size: number
  #pumps: readonly Pump<Raw>[] = []
  #offering = false
  #missed = 0
  #broken: Error | undefined

  constructor(options: PulsarConsumerOptions<Raw>) {
    this.#options = options
    this.#size = options.receiverQueueSize ?? defaultSize
    this.#hand = new Hand({ receiverQueueSize: this.#size, holdKeys: options.holdKeys ?? false })
    this.#queue = receiveQueue(
      (max) => this.#take(max),
      (cause) => this.#broken ?? brokerAway(cause),
    )
  }

  /** Subscribes to every partition. Rejects with `PulsarError`. */
  async open(): Promise<void> {
    const { parts } = this.#options
    const consumerName = `${this.#options.subscription}-${randomUUID().slice(0, 8)}`
    const fetchAhead = Math.max(1, Math.ceil(this.#size / 2 / parts.length))
    const fetchAheadBytes = fetchedAheadBytes / parts.length
    const how = { ...this.#options, consumerName, fetchAhead, fetchAheadBytes }
    const opened = await Promise.allSettled(
      parts.map((part) => {
        const pump = this.#pumpOf(part)
        const events = {
          onActive: (active: boolean) => pump.activate(active),
          onUnreadable: (error: Error) => this.#options.onUnreadable(error, part),
        }
        return this.#options.driver.subscribe(part, how, events).then((feed) => pump.start(feed))
      }),
    )
    this.#pumps = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    for (const one of opened) if (one.status === 'rejected') throw one.reason
  }

  async receive(max: number, signal?: AbortSignal): Promise<readonly ReceivedMessage[]> {
    if (this.#broken) throw this.#broken
    return this.#queue.receive(max, signal)
  }

  async acknowledge(messages: readonly ReceivedMessage[]): Promise<void> {
    forbidInTransaction('a message was acknowledged')
    const acknowledged: Promise<void>[] = []
    for (const { id } of messages) {
      const held = this.#hand.find(id)
      if (!held) continue
      this.#hand.remove(held)
      acknowledged.push(this.#acknowledge(held.feed.feed, id, held.raw))
    }
    if (acknowledged.length === 0) return
    this.#queue.offer()
    await Promise.all(acknowledged)
  }

  giveBack(messages: readonly ReceivedMessage[]): void {
    const resting = messages.flatMap(({ id }) => this.#hand.find(id) ?? [])
    for (const held of resting) {
      this.#hand.rest(held)
      const redeliveryCount = held.message.redeliveryCount + 1
      held.message = { ...held.message, redeliveryCount }
    }
    this.#later(this.#options.nackDelayMs ?? defaultRestMs, () => this.#wake(resting))
    this.#queue.offer()
  }

  async seek(position: Position): Promise<void> {
    try {
      await Promise.all(
        this.#pumps.map((pump) => pump.seek(position, () => this.#hand.forget(pump, true))),
      )
    } catch (error) {
      throw fateOf(error, this.#options.topics.join())
    } finally {
      this.#settled.clear()
      // What was forgotten has made room.
      for (const pump of this.#pumps) pump.wake()
    }
  }

  get canNoteEnd(): boolean {
    return this.#pumps.every(({ feed }) => feed.lastAhead !== undefined)
  }

  async noteEnd(): Promise<() => boolean> {
    try {
      const ends = await Promise.all(
        this.#pumps.map(async (pump) => [pump, await pump.feed.lastAhead?.()] as const),
      )
      return () => this.#hand.ready === 0 && ends.every(([pump, end]) => !end || pump.isPast(end))
    } catch (error) {
      throw fateOf(error, this.#options.topics.join())
    }
  }

  /** Away is a broker that none of the partitions is connected to, two looks in a row. */
  look(): void {
    const away = this.#pumps.length > 0 && this.#pumps.every(({ feed }) => !feed.connected)
    if (!away && this.#missed > 1) this.#queue.up()
    this.#missed = away ? this.#missed + 1 : 0
    if (this.#missed === 2) this.#queue.down(new Error('no partition is connected'))
  }

  async close(): Promise<void> {
    this.#queue.close()
    for (const timer of this.#timers) clearTimeout(timer)
    await Promise.all(this.#pumps.map((pump) => pump.close()))
  }

  #pumpOf(part: Part): Pump<Raw> {
    return new Pump<Raw>({
      hasRoom: () => this.#hand.ready < Math.max(1, this.#size / 2),
      arrived: (pump, message) => this.#arrive(pump, part, message),
      forget: (pump) => this.#hand.forget(pump),
      broke: (error) => {
        this.#broken ??= fateOf(error, part.topic)
        this.#queue.down(error)
      },
    })
  }

  #arrive(pump: Pump<Raw>, part: Part, raw: Raw): void {
    const id = idText(raw.getMessageId(), part.partition)
    const known = this.#hand.find(id)
    if (known) known.raw = raw
    else if (this.#settled.take(id)) void this.#acknowledge(pump.feed, id, raw)
    else this.#add(this.#hand.add(received(raw, id, part), pump, raw))
  }

  #add(held: Held<Pump<Raw>, Raw>): void {
    const due = held.raw.getDeliverAt()
    const early = due !== undefined && due > Date.now() && this.#options.type === 'Shared'
    if (early) this.#restUntil(due, held)
    else this.#offerSoon()
  }

  /** The broker counts in ticks of a second, and was seen 240 ms early. */
  #restUntil(due: number, held: Held<Pump<Raw>, Raw>): void {
    this.#hand.rest(held)
    this.#later(Math.max(1, due - Date.now()), () => {
      if (Date.now() < due) this.#restUntil(due, held)
      else this.#wake([held])
    })
  }

  #later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      work()
    }, ms)
    this.#timers.add(timer)
  }

  #wake(resting: readonly Held<Pump<Raw>, Raw>[]): void {
    for (const held of resting) this.#hand.wake(held)
    this.#queue.offer()
  }

  /** Once for all that arrives in one turn of the event loop, so that it is received together. */
  #offerSoon(): void {
    if (this.#offering) return
    this.#offering = true
    setImmediate(() => {
      this.#offering = false
      this.#queue.offer()
    })
  }

  #take(max: number): readonly ReceivedMessage[] {
    const taken = this.#hand.take(max)
    if (taken.length > 0) for (const pump of this.#pumps) pump.wake()
    return taken
  }

  async #acknowledge(feed: Feed<Raw>, id: string, raw: Raw): Promise<void> {
    try {
      await feed.acknowledge(raw)
    } catch {
      // It comes again, which the port allows; here it is not handed out a second time.
      this.#settled.add(id)
    }
  }
}

const received = (raw: Delivery, id: string, { topic, partition }: Part): ReceivedMessage => {
  const eventTime = raw.getEventTimestamp()
  return {
    id,
    topic,
    partition,
    key: raw.getPartitionKey() ?? '',
    payload: raw.getData(),
    properties: raw.getProperties(),
    publishTime: new Date(raw.getPublishTimestamp()),
    redeliveryCount: raw.getRedeliveryCount(),
    ...(eventTime > 0 ? { eventTime: new Date(eventTime) } : {}),
  }
}
