import { PulsarError } from '../errors.ts'

/**
 * The sequence ids of one producer. The broker's deduplication remembers the highest one stored:
 * ids up to the one it named are duplicates, and ids that do not ascend would be dropped or refused
 * together with messages that share their batch.
 */
export class Sequence {
  #last: number
  readonly #stored: number

  /**
   * @param stored the highest id the broker had when the producer was made; -1 without any
   * @param initial the id before the first one given, when the caller chose it
   */
  constructor(stored: number, initial: number | undefined) {
    this.#stored = stored
    this.#last = initial ?? stored
  }

  /** The last id given or accepted. */
  get last(): number {
    return this.#last
  }

  /** The next id, or the `chosen` one. @throws PulsarError `sequence-not-ascending` */
  next(chosen: number | undefined): number {
    const id = chosen ?? this.#last + 1
    if (this.isStored(id)) {
      this.#last = Math.max(this.#last, id)
      return id
    }
    if (id <= this.#last)
      throw new PulsarError(
        'sequence-not-ascending',
        `Sequence id ${id} follows ${this.#last}; ids of one producer must ascend.`,
      )
    this.#last = id
    return id
  }

  /** Whether the broker has a message of that id already and would drop another. */
  isStored(id: number): boolean {
    return id <= this.#stored
  }
}
