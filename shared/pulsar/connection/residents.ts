import { PulsarError } from '../errors.ts'
import type { ByteReader } from '../wire/byte-reader.ts'
import type { Body, Command } from '../wire/commands.ts'

/** What one producer hears. `onClosed` comes last and once; its id is free then. */
export interface ProducerEvents {
  onReceipt(receipt: Body<'sendReceipt'>): void
  onSendError(error: Body<'sendError'>): void
  /** The connection was congested and is no more. */
  onDrained?(): void
  onClosed(reason: PulsarError): void
}

/** What one consumer hears. `onClosed` comes last and once; its id is free then. */
export interface ConsumerEvents {
  onMessage(message: Body<'message'>, entry: ByteReader): void
  onActiveChange(active: boolean): void
  onEndOfTopic(): void
  onClosed(reason: PulsarError): void
}

/** What one watcher of the topics of a namespace hears. `onClosed` as of a consumer. */
interface WatcherEvents {
  onChange(): void
  onClosed(reason: PulsarError): void
}

/** The producers and consumers that live on one connection, each under the id it chose. */
export class Residents {
  readonly #producers = new Map<number, ProducerEvents>()
  readonly #consumers = new Map<number, ConsumerEvents>()
  readonly #watchers = new Map<number, WatcherEvents>()

  /** Lets a producer hear what concerns `id`, until `onClosed`. The connection must be open. */
  addProducer(id: number, events: ProducerEvents): void {
    this.#producers.set(id, events)
  }

  /** As `addProducer`. */
  addConsumer(id: number, events: ConsumerEvents): void {
    this.#consumers.set(id, events)
  }

  /** As `addProducer`. */
  addWatcher(id: number, events: WatcherEvents): void {
    this.#watchers.set(id, events)
  }

  removeProducer(id: number): void {
    this.#producers.delete(id)
  }

  removeConsumer(id: number): void {
    this.#consumers.delete(id)
  }

  removeWatcher(id: number): void {
    this.#watchers.delete(id)
  }

  /** Passes on what concerns a resident; false when the command concerns none. */
  hear({ type, body }: Command, rest: ByteReader): boolean {
    if (type === 'message') this.#consumers.get(body.consumerId)?.onMessage(body, rest)
    else if (type === 'sendReceipt') this.#producers.get(body.producerId)?.onReceipt(body)
    else if (type === 'sendError') this.#producers.get(body.producerId)?.onSendError(body)
    else if (type === 'closeProducer') moveOut(this.#producers, body.producerId)
    else if (type === 'closeConsumer') moveOut(this.#consumers, body.consumerId)
    else if (type === 'reachedEndOfTopic') this.#consumers.get(body.consumerId)?.onEndOfTopic()
    else if (type === 'activeConsumerChange')
      this.#consumers.get(body.consumerId)?.onActiveChange(body.isActive === true)
    else if (type === 'watchTopicUpdate') this.#watchers.get(body.watcherId)?.onChange()
    else return false
    return true
  }

  drained(): void {
    for (const producer of this.#producers.values()) producer.onDrained?.()
  }

  closeAll(reason: PulsarError): void {
    const maps = [this.#producers, this.#consumers, this.#watchers]
    const all = maps.flatMap((residents) => [...residents.values()])
    for (const residents of maps) residents.clear()
    for (const resident of all) resident.onClosed(reason)
  }
}

const moveOut = (
  residents: Map<number, { onClosed(reason: PulsarError): void }>,
  id: number,
): void => {
  const resident = residents.get(id)
  residents.delete(id)
  resident?.onClosed(new PulsarError('service-not-ready', 'The broker moved the topic.'))
}
