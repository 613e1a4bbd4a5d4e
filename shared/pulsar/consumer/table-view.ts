import { asPulsarError, type PulsarError } from '../errors.ts'
import { tell } from './listen.ts'
import type { Message } from './message.ts'
import type { TableViewOptions } from './options.ts'
import type { Reader } from './reader.ts'

/** Hears the new value of a key; undefined when the key is gone. */
type TableListener<T> = (key: string, value: T | undefined) => void

interface Refresh {
  readonly resolve: () => void
  readonly reject: (error: PulsarError) => void
}

/**
 * The last value of every key of a topic, kept up to date in memory. An empty message takes its key
 * away; messages without a key do not count. Made by `Client.createTableView`.
 */
export class TableView<T = Uint8Array> implements AsyncDisposable {
  readonly #reader: Reader<T>
  readonly #options: TableViewOptions<T>
  readonly #values = new Map<string, T>()
  readonly #listeners = new Set<TableListener<T>>()
  readonly #refreshes = new Set<Refresh>()
  #applying = false
  #ended: PulsarError | undefined

  /** Reads on until it is closed; `refresh` tells when all that was there is in. */
  constructor(reader: Reader<T>, options: TableViewOptions<T>) {
    this.#reader = reader
    this.#options = options
    void this.#follow()
  }

  get size(): number {
    return this.#values.size
  }

  /** Undefined for a key without a value. */
  get(key: string): T | undefined {
    return this.#values.get(key)
  }

  containsKey(key: string): boolean {
    return this.#values.has(key)
  }

  keys(): IterableIterator<string> {
    return this.#values.keys()
  }

  values(): IterableIterator<T> {
    return this.#values.values()
  }

  entries(): IterableIterator<[string, T]> {
    return this.#values.entries()
  }

  forEach(action: (key: string, value: T) => void): void {
    for (const [key, value] of this.#values) action(key, value)
  }

  /** What it throws is an unhandled rejection. Returns what ends it. */
  listen(listener: TableListener<T>): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Hears all there is, then what changes. As `listen`. */
  forEachAndListen(listener: TableListener<T>): () => void {
    this.forEach(listener)
    return this.listen(listener)
  }

  /**
   * Resolves when everything stored at the time of the call is in. Rejects with `PulsarError`
   * `connection` or `timeout` when the broker cannot be asked now, or why the view has ended.
   */
  refresh(): Promise<void> {
    if (this.#ended) return Promise.reject(this.#ended)
    return new Promise((resolve, reject) => {
      this.#refreshes.add({ resolve, reject })
      if (!this.#applying) void this.#settle()
    })
  }

  /** What is in stays readable; a second call does nothing more. */
  close(): Promise<void> {
    return this.#reader.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #follow(): Promise<void> {
    for (;;) {
      try {
        const message = await this.#reader.readNext()
        this.#applying = true
        await this.#apply(message)
      } catch (thrown) {
        this.#end(asPulsarError(thrown))
        return
      }
      this.#applying = false
      if (this.#refreshes.size > 0) await this.#settle()
    }
  }

  async #apply(message: Message<T>): Promise<void> {
    const key = message.getPartitionKey()
    if (key === undefined) return
    if (message.getData().length === 0) {
      if (this.#values.delete(key)) this.#tell(key, undefined)
      return
    }
    try {
      const value = await this.#valueOf(message)
      this.#values.set(key, value)
      this.#tell(key, value)
    } catch (thrown) {
      this.#options.onUnreadable?.(asPulsarError(thrown), message.id, message.getTopicName())
    }
  }

  async #valueOf(message: Message<T>): Promise<T> {
    if (this.#options.schema) return message.getValue()
    // Copied: what is kept must not keep the whole batch.
    return message.getData().slice() as T
  }

  #tell(key: string, value: T | undefined): void {
    for (const listener of this.#listeners) tell(() => listener(key, value))
  }

  async #settle(): Promise<void> {
    const waiting = [...this.#refreshes]
    try {
      // Whoever is being applied is not in yet; what follows it looks again.
      if ((await this.#reader.hasNext()) || this.#applying) return
      for (const { resolve } of waiting) resolve()
    } catch (thrown) {
      for (const { reject } of waiting) reject(asPulsarError(thrown))
    }
    for (const one of waiting) this.#refreshes.delete(one)
  }

  #end(reason: PulsarError): void {
    this.#ended = reason
    for (const { reject } of this.#refreshes) reject(reason)
    this.#refreshes.clear()
  }
}
