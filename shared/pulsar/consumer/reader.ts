import type { MessageId } from '../message-id.ts'
import type { Consumer } from './consumer.ts'
import type { Message } from './message.ts'

/** Reads a topic from a place of its choice; the broker stores nothing about it. */
export class Reader<T = Uint8Array> implements AsyncDisposable {
  readonly #consumer: Consumer<T>

  constructor(consumer: Consumer<T>) {
    this.#consumer = consumer
  }

  get isConnected(): boolean {
    return this.#consumer.isConnected
  }

  /** The next message; waits for one. Rejects as `Consumer.receive`. */
  readNext(timeoutMs?: number): Promise<Message<T>> {
    return this.#consumer.receive(timeoutMs)
  }

  /** Whether something is stored that this reader has not read. Rejects when the broker cannot say. */
  async hasNext(): Promise<boolean> {
    if (this.#consumer.queue.length > 0) return true
    return (await this.#consumer.parts.lastAhead()).length > 0
  }

  /** As `Consumer.seek`. */
  seek(target: MessageId | Message): Promise<void> {
    return this.#consumer.seek(target)
  }

  /** As `Consumer.seekTimestamp`. */
  seekTimestamp(timestamp: number): Promise<void> {
    return this.#consumer.seekTimestamp(timestamp)
  }

  /** A second call does nothing more. */
  close(): Promise<void> {
    return this.#consumer.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Messages until the reader is closed; waits for those that come. */
  [Symbol.asyncIterator](): AsyncGenerator<Message<T>, void, undefined> {
    return this.#consumer[Symbol.asyncIterator]()
  }
}
