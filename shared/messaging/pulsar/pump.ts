import { PulsarError } from '../../pulsar/errors.ts'
import { compareMessageIds, type MessageId } from '../../pulsar/message-id.ts'
import type { Delivery, Feed, Position } from './driver.ts'

interface PumpEvents<Raw extends Delivery> {
  /** Whether more may be fetched now. */
  hasRoom(): boolean
  arrived(pump: Pump<Raw>, message: Raw): void
  /** What was fetched and nobody works on comes again, here or elsewhere. */
  forget(pump: Pump<Raw>): void
  /** Nothing will be fetched any more. */
  broke(error: unknown): void
}

/** Fetches from one partition while there is room. */
export class Pump<Raw extends Delivery> {
  readonly #events: PumpEvents<Raw>
  #feed: Feed<Raw> | undefined
  #active = true
  #closed = false
  #last: MessageId | undefined
  #goOn: (() => void) | undefined

  constructor(events: PumpEvents<Raw>) {
    this.#events = events
  }

  get feed(): Feed<Raw> {
    if (this.#feed) return this.#feed
    throw new Error('a pump is used before it was started')
  }

  start(feed: Feed<Raw>): this {
    this.#feed = feed
    void this.#run(feed)
    return this
  }

  /** Whether the message of this id, or a later one, has arrived. */
  isPast(id: MessageId): boolean {
    return this.#last !== undefined && compareMessageIds(this.#last, id) >= 0
  }

  seek(position: Position, forget: () => void): Promise<void> {
    return this.feed.seek(position, () => {
      this.#last = undefined
      forget()
    })
  }

  /** There may be room again. */
  wake(): void {
    this.#goOn?.()
  }

  /**
   * Who gets the messages of the partition has changed, or was told again after a reconnection: what
   * waits here belongs to the time before. A passive one empties what its client still holds.
   */
  activate(active: boolean): void {
    this.#active = active
    this.#events.forget(this)
    this.wake()
  }

  /** Flushes acknowledgements. */
  async close(): Promise<void> {
    this.#closed = true
    this.wake()
    await this.#feed?.close()
  }

  async #run(feed: Feed<Raw>): Promise<void> {
    try {
      while (!this.#closed) {
        while (this.#active && !this.#closed && !this.#events.hasRoom()) await this.#room()
        const message = await feed.next()
        this.#last = message.getMessageId()
        if (this.#active) this.#events.arrived(this, message)
      }
    } catch (error) {
      if (this.#closed || (error instanceof PulsarError && error.code === 'closed')) return
      this.#events.broke(error)
    }
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#goOn = () => {
        this.#goOn = undefined
        resolve()
      }
    })
  }
}
