import type { Connection } from '../connection/connection.ts'
import type { PulsarError } from '../errors.ts'
import type { MessageId } from '../message-id.ts'
import type { Body } from '../wire/commands.ts'
import type { AckTracker } from './ack-tracker.ts'

type MessageIdData = Body<'message'>['messageId']

type Receipt = ReturnType<typeof Promise.withResolvers<void>>

interface Group {
  readonly ids: MessageIdData[]
  readonly receipt: Receipt
  readonly send: () => void
}

interface AckSettings {
  readonly ackReceipts: boolean
  readonly ackGroupTimeMs: number
}

const individual = 0
const cumulative = 1

/** A command of this many ids is 20 KiB; more of them would wait for nothing. */
const maxGroup = 1_000

/**
 * Sends what one turn of the event loop acknowledges as one command, or what the time set does, and
 * waits for its receipt where receipts are wanted.
 */
export class AckSender {
  readonly #consumerId: number
  readonly #connection: Connection
  readonly #settings: AckSettings
  #group: Group | undefined
  readonly #waiting = new Set<Receipt>()

  constructor(connection: Connection, consumerId: number, settings: AckSettings) {
    this.#connection = connection
    this.#consumerId = consumerId
    this.#settings = settings
  }

  /** Resolves when the broker has noted it; rejects when it did not, so that it comes again. */
  individual(id: MessageIdData): Promise<void> {
    this.#group ??= this.#newGroup()
    const { ids, receipt, send } = this.#group
    ids.push(id)
    if (ids.length >= maxGroup) send()
    return this.#settings.ackReceipts ? receipt.promise : noted
  }

  cumulative(id: MessageIdData): Promise<void> {
    // In the order in which they were made.
    this.#group?.send()
    const receipt = this.#newReceipt()
    this.#send(cumulative, [id], receipt)
    return receipt.promise
  }

  /** Sends what is gathered and waits for every receipt; failures go to who acknowledged. */
  async flush(): Promise<void> {
    this.#group?.send()
    await Promise.allSettled([...this.#waiting].map(({ promise }) => promise))
  }

  /** The consumer is no more at the broker, which answers nothing then. */
  end(reason: PulsarError): void {
    this.#group = undefined
    for (const { reject } of this.#waiting) reject(reason)
    this.#waiting.clear()
  }

  #newGroup(): Group {
    const ids: MessageIdData[] = []
    const receipt = this.#newReceipt()
    const send = () => {
      if (this.#group?.ids !== ids) return
      this.#group = undefined
      clearTimeout(timer)
      this.#send(individual, ids, receipt)
    }
    const { ackGroupTimeMs } = this.#settings
    const timer = ackGroupTimeMs > 0 ? setTimeout(send, ackGroupTimeMs) : undefined
    if (!timer) setImmediate(send)
    return { ids, receipt, send }
  }

  #newReceipt(): Receipt {
    const receipt = Promise.withResolvers<void>()
    this.#waiting.add(receipt)
    const done = () => void this.#waiting.delete(receipt)
    receipt.promise.then(done, done)
    return receipt
  }

  #send(ackType: number, messageId: readonly MessageIdData[], receipt: Receipt): void {
    const consumerId = this.#consumerId
    const body = { consumerId, ackType, messageId }
    if (this.#settings.ackReceipts)
      this.#connection
        .request('ack', body, 'ackResponse')
        .then(() => receipt.resolve(), receipt.reject)
    else {
      this.#connection.tell('ack', body)
      receipt.resolve()
    }
  }
}

const noted = Promise.resolve()

/**
 * Within a batch there is most often nothing to tell: no more is done than must be then.
 * @param watcher hears when nothing of the entry is left to acknowledge
 */
export const acknowledgeOne = (
  tracker: AckTracker,
  acks: AckSender,
  id: MessageId,
  watcher: { settled(id: MessageId): void },
): Promise<void> => {
  const told = tracker.acknowledge(id)
  if (!told) return noted
  const sent = acks.individual(told)
  if (!told.ackSet) watcher.settled(id)
  return optional(
    sent.then(
      () => {
        if (!told.ackSet) tracker.forget(id.ledgerId, id.entryId)
      },
      (thrown: unknown) => {
        tracker.restore(id)
        throw thrown
      },
    ),
  )
}

/** Whoever does not wait has the message again: nothing that would have to end a program. */
export const optional = (told: Promise<void>): Promise<void> => {
  told.catch(() => undefined)
  return told
}
