import type { Connection } from '../connection/connection.ts'
import type { MessageId } from '../message-id.ts'
import type { Body } from '../wire/commands.ts'
import type { AckTracker } from './ack-tracker.ts'

type MessageIdData = Body<'message'>['messageId']

interface Group {
  readonly ids: MessageIdData[]
  readonly sent: Promise<void>
}

const individual = 0
const cumulative = 1

/** Sends what one turn of the event loop acknowledges as one command, and waits for its receipt. */
export class AckSender {
  readonly #consumerId: number
  readonly #connection: Connection
  #group: Group | undefined
  readonly #waiting = new Set<Promise<void>>()

  constructor(connection: Connection, consumerId: number) {
    this.#connection = connection
    this.#consumerId = consumerId
  }

  /** Resolves when the broker has noted it; rejects when it did not, so that it comes again. */
  individual(id: MessageIdData): Promise<void> {
    this.#group ??= this.#newGroup()
    this.#group.ids.push(id)
    return this.#group.sent
  }

  cumulative(id: MessageIdData): Promise<void> {
    return this.#track(this.#send(cumulative, [id]))
  }

  /** Waits for every receipt that is still out; failures went to who acknowledged. */
  async flush(): Promise<void> {
    await Promise.allSettled(this.#waiting)
  }

  #newGroup(): Group {
    const ids: MessageIdData[] = []
    const sent = new Promise<void>((resolve, reject) => {
      setImmediate(() => {
        this.#group = undefined
        this.#send(individual, ids).then(resolve, reject)
      })
    })
    return { ids, sent: this.#track(sent) }
  }

  #track(sent: Promise<void>): Promise<void> {
    this.#waiting.add(sent)
    const done = () => void this.#waiting.delete(sent)
    sent.then(done, done)
    return sent
  }

  async #send(ackType: number, messageId: readonly MessageIdData[]): Promise<void> {
    const consumerId = this.#consumerId
    await this.#connection.request('ack', { consumerId, ackType, messageId }, 'ackResponse')
  }
}

const noted = Promise.resolve()

/** Within a batch there is most often nothing to tell: no more is done than must be then. */
export const acknowledgeOne = (
  tracker: AckTracker,
  acks: AckSender,
  id: MessageId,
): Promise<void> => {
  const told = tracker.acknowledge(id)
  if (!told) return noted
  const sent = acks.individual(told)
  return told.ackSet ? sent : sent.then(() => tracker.forget(id.ledgerId, id.entryId))
}
