import type { MessageId } from '../../pulsar/message-id.ts'
import type { ProducerMessage } from '../../pulsar/producer/options.ts'
import type { DriverProducer } from './driver.ts'
import { PulsarError, type PulsarErrorCode } from '../../pulsar/errors.ts'
import { fateOf, fenced } from './fates.ts'
import { Opening } from './opening.ts'
import type { Part } from './topics.ts'

export interface WriterOptions {
  readonly part: Part
  readonly fenced: boolean
  readonly open: (part: Part, onFenced: () => void) => Promise<DriverProducer>
}

interface Stored {
  readonly messageId: MessageId
}

/** After these the producer goes on; after any other error it is of no use any more. */
const ofOneMessage: ReadonlySet<PulsarErrorCode> = new Set<PulsarErrorCode>([
  'message-too-big',
  'queue-full',
  'timeout',
  'sequence-not-ascending',
])

/** Writes to one partition, through a producer that it opens when it is first needed. */
export class PartitionWriter {
  readonly #options: WriterOptions
  readonly #producer: Opening<DriverProducer>
  #lost = false

  constructor(options: WriterOptions) {
    this.#options = options
    this.#producer = new Opening(() => this.#open())
  }

  /** Whether a message would leave at once. */
  get ready(): boolean {
    return this.#lost || this.active
  }

  /** Whether it has a producer. */
  get active(): boolean {
    return this.#producer.current !== undefined
  }

  /** Whether it has a producer, or will have one soon. */
  get begun(): boolean {
    return this.active || this.#producer.opening
  }

  /** In the order of the calls. Rejects with fates; with `fenced` always, once it is lost. */
  send(message: ProducerMessage): Promise<Stored> {
    if (this.#lost) return Promise.reject(fenced(this.#options.part.topic))
    return this.#producer
      .use((producer) => this.#sendWith(producer, message))
      .catch((error: unknown) => {
        throw fateOf(error, this.#options.part.topic)
      })
  }

  /**
   * Takes the partition over from whoever has it, and so with a new producer: one of before may have
   * lost it without having heard so.
   */
  async hold(): Promise<void> {
    await this.#retire()
    this.#lost = false
    try {
      await this.#producer.use(() => Promise.resolve())
    } catch (error) {
      throw fateOf(error, this.#options.part.topic)
    }
  }

  /** Others may have it; what is sent here from now on is refused. */
  async giveUp(): Promise<void> {
    this.#lost = true
    await this.#retire()
  }

  /** Flushes first. */
  close(): Promise<void> {
    return this.#retire()
  }

  async #retire(): Promise<void> {
    // Who waits for it hears when it cannot be opened.
    if (this.#producer.opening)
      await this.#producer.use(() => Promise.resolve()).catch(() => undefined)
    const producer = this.#producer.current
    this.#producer.forget()
    await producer?.close()
  }

  async #open(): Promise<DriverProducer> {
    const { part, fenced: isFenced, open } = this.#options
    const producer: DriverProducer = await open(part, () => {
      if (isFenced && this.#producer.current === producer) this.#lost = true
    })
    if (!this.#lost) return producer
    // Given up meanwhile: it must neither write nor keep others out.
    await producer.close()
    throw fenced(part.topic)
  }

  async #sendWith(producer: DriverProducer, message: ProducerMessage): Promise<Stored> {
    try {
      return await producer.send(message)
    } catch (error) {
      if (error instanceof PulsarError && !ofOneMessage.has(error.code)) this.#drop(producer)
      throw fateOf(error, this.#options.part.topic, true)
    }
  }

  #drop(producer: DriverProducer): void {
    if (this.#producer.current !== producer) return
    this.#producer.forget()
    // While it has no producer others may take it over, whatever ended this one.
    this.#lost ||= this.#options.fenced
    // It is over already, or nobody uses it any more; what it says to that changes nothing.
    producer.close().catch(() => undefined)
  }
}
