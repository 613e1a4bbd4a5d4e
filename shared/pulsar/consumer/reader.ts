import { compareMessageIds, type MessageId } from '../message-id.ts'
import type { Consumer } from './consumer.ts'
import type { Message } from './message.ts'

/** Reads a topic from a place of its choice; the broker stores nothing about it. */
export class Reader implements AsyncDisposable {
  readonly #consumer: Consumer
  #last: MessageId | undefined

  constructor(consumer: Consumer) {
    this.#consumer = consumer
  }

  /** The next message; waits for one. Rejects as `Consumer.receive`. */
  async readNext(timeoutMs?: number): Promise<Message> {
    const message = await this.#consumer.receive(timeoutMs)
    this.#last = message.getMessageId()
    return message
  }

  /** Whether something is stored that this reader has not read. One partition only. */
  async hasNext(): Promise<boolean> {
    if (this.#consumer.queue.length > 0) return true
    const [last] = await this.#consumer.getLastMessageIds()
    if (!last || last.entryId < 0) return false
    return this.#last === undefined || compareMessageIds(last, this.#last) > 0
  }

  close(): Promise<void> {
    return this.#consumer.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
