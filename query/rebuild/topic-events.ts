import type { EventContract } from '../../shared/contracts/contract.ts'
import { namedVersion } from '../../shared/contracts/upcasting.ts'
import { Poison } from '../../shared/kernel/fates.ts'
import { type Envelope, fromMessage } from '../../shared/messaging/envelope.ts'
import type { Broker, ReceivedMessage } from '../../shared/messaging/port.ts'
import { outsideTransaction } from '../../shared/postgres/guard.ts'
import type { Projection } from '../projection/projections.ts'
import { RebuildRefused } from './refused.ts'

export interface TopicEvents {
  /**
   * Gives the events that have come since, each once, page after page, up to where the topics are now. Each
   * page is taken before the next one is asked for. May be called inside a transaction. Throws `RebuildRefused`
   * when the broker falls silent before.
   */
  toTheEnd(take: (events: readonly Envelope[]) => Promise<void>): Promise<void>
  close(): Promise<void>
}

export interface TopicSource {
  readonly broker: Pick<Broker, 'subscribe'>
  /** What was published before is left out. Default: everything that the topics keep. */
  readonly since: Date | undefined
  /** Messages that are read and written at once. */
  readonly pageSize: number
}

const contractsOf = ({ streams }: Projection) =>
  streams.flatMap((stream) => Object.values(stream.contracts))

/** Where the events of a projection are, among others. */
export const topicsOf = (projection: Projection): readonly string[] => [
  ...new Set(contractsOf(projection).map(({ topic }) => topic)),
]

// Less than the 10 s after which Postgres ends a transaction that rests: here one may hold locks.
const patienceMs = 8000

/** Reads the topics of a projection, beside everybody else: the broker keeps nothing about it. */
export async function openTopics(
  projection: Projection,
  { broker, since, pageSize }: TopicSource,
): Promise<TopicEvents> {
  const isOurs = knownTypes(contractsOf(projection))
  const consumer = await broker.subscribe({
    topics: topicsOf(projection),
    subscription: 'rebuild',
    type: 'Exclusive',
    durable: false,
    from: since ? 'latest' : 'earliest',
    receiverQueueSize: 2 * pageSize,
  })
  if (since) await consumer.seek({ time: since })

  // Brokers give what is at hand: often few messages, and a transaction for each few is dear.
  const nextPage = async (reached: () => boolean): Promise<readonly ReceivedMessage[]> => {
    const page: ReceivedMessage[] = []
    while (page.length < pageSize && !reached()) {
      const messages = await consumer.receive(pageSize, AbortSignal.timeout(patienceMs))
      if (messages.length === 0)
        throw new RebuildRefused('the broker has more events and does not give them: try again')
      page.push(...messages)
    }
    return page
  }
  return {
    async toTheEnd(take) {
      const reached = await outsideTransaction(async () => consumer.noteEnd?.())
      if (!reached)
        throw new RebuildRefused('this client of the broker cannot tell where topics end')
      while (!reached()) {
        const messages = await outsideTransaction(() => nextPage(reached))
        // Before they are taken: who fails to may ask for more.
        await outsideTransaction(() => consumer.acknowledge(messages))
        const events = messages.flatMap(readable).filter(({ type }) => isOurs(type))
        if (events.length > 0) await take(events)
      }
    },
    close: () => consumer.close(),
  }
}

/** Without what nobody can read: the projector has put that aside too, and its aggregate has a gap there. */
const readable = (message: ReceivedMessage): readonly Envelope[] => {
  try {
    return [fromMessage(message)]
  } catch (error) {
    if (error instanceof Poison) return []
    throw error
  }
}

/** Topics carry more than the events of one projection; versions that nobody knows count as known. */
const knownTypes = (contracts: readonly EventContract[]) => {
  const known = new Map<string, boolean>()
  return (type: string): boolean => {
    const found =
      known.get(type) ?? contracts.some((contract) => namedVersion(contract, type) !== undefined)
    known.set(type, found)
    return found
  }
}
