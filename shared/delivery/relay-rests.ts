import type { Logger } from 'pino'
import { Transient } from '../kernel/fates.ts'
import { reasonOf } from './outage.ts'
import { backoff } from './pause.ts'

/** What cannot be published at the moment, and is passed over until a try shows that it can again. */
export interface RelayRests {
  /** Names of rows to pass over, see `restingName`. */
  readonly names: readonly string[]
  /** Topics concerned, with the time since when. */
  readonly since: ReadonlyMap<string, Date>
  /**
   * Passes the rows of these names over. `attempt` is made again and again, with growing pauses, beside
   * everything else; when it succeeds they are read again, and `over` is called.
   */
  add(topic: string, names: readonly string[], error: unknown, attempt: () => Promise<void>): void
  /** Forgets everything. An attempt that is under way is not heard any more. */
  clear(): void
}

interface Rest {
  readonly topic: string
  readonly since: Date
  failures: number
  timer?: ReturnType<typeof setTimeout>
}

// A broker that is away comes back as a whole; what it refuses, somebody has to put right.
const longestMs = (error: unknown) =>
  error instanceof Transient && error.slug === 'broker-unavailable' ? 1000 : 10_000

export const relayRests = (logger: Logger, over: () => void): RelayRests => {
  const resting = new Map<string, Rest>()
  const topics = () => new Map([...resting.values()].map(({ topic, since }) => [topic, since]))

  const end = (names: readonly string[], topic: string) => {
    for (const name of names) resting.delete(name)
    if (!topics().has(topic)) logger.info({ topic }, 'published again')
    over()
  }
  const rest = (
    names: readonly string[],
    one: Rest,
    error: unknown,
    attempt: () => Promise<void>,
  ) => {
    one.failures += 1
    one.timer = setTimeout(
      async () => {
        try {
          await attempt()
          if (resting.get(names[0] ?? '') === one) end(names, one.topic)
        } catch (again) {
          if (resting.get(names[0] ?? '') !== one) return
          if (reasonOf(again) !== reasonOf(error))
            logger.warn({ err: again, topic: one.topic }, 'still not published')
          rest(names, one, again, attempt)
        }
      },
      backoff(one.failures, 100, longestMs(error)),
    )
  }
  return {
    get names() {
      return [...resting.keys()]
    },
    get since() {
      return topics()
    },
    add(topic, names, error, attempt) {
      if (!topics().has(topic))
        logger.warn({ err: error, topic }, 'not published: tried again until it is, others go on')
      const one: Rest = { topic, since: new Date(), failures: 0 }
      for (const name of names) resting.set(name, one)
      rest(names, one, error, attempt)
    },
    clear() {
      for (const { timer } of resting.values()) clearTimeout(timer)
      resting.clear()
    },
  }
}
