import { setTimeout as pause } from 'node:timers/promises'
import { outcomesTopic } from '../contracts/topology.ts'
import { newId } from '../kernel/ids.ts'
import type { Broker, Consumer, ReceivedMessage } from '../messaging/port.ts'
import type { Logger } from '../telemetry/logger.ts'
import { parseOutcome } from './parse-outcome.ts'
import { type StoredReceipt, isFinal } from './read-receipt.ts'
import { recent } from './recent.ts'
import { type Waiters, waiter, waiters } from './waiters.ts'

export interface OutcomeWatcherOptions {
  readonly broker: Pick<Broker, 'subscribe'>
  readonly logger: Logger
  /** Reads the row of a command. Without a database: the last 10,000 outcomes heard are all there is. */
  readonly read?: (commandId: string) => Promise<StoredReceipt | undefined>
}

/** Tells when commands finish: by the topic events/outcomes, and by their rows. */
export interface OutcomeWatcher {
  readonly closed: boolean
  /**
   * False when a command of that time may have finished unheard: before this process listened, or so
   * many others ago that it has been forgotten. Always true where rows are read.
   */
  wouldKnow(submittedAt: Date): boolean
  /** What is known now. Passes on what `read` throws. */
  current(commandId: string): Promise<StoredReceipt | undefined>
  /**
   * The receipt as soon as it is final, also when it was so before; undefined after `timeoutMs`, or
   * when `signal` aborts or the watcher closes. Never throws: while the broker is away the row is read
   * every 250 ms, and while the row cannot be read the broker is listened to.
   */
  waitFor(
    commandId: string,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<StoredReceipt | undefined>
  /** Ends every wait, then the consumer. Idempotent. */
  close(): Promise<void>
}

// What another process stamped may have been sent a little earlier than it says.
const clockSkewMs = 2000

/** Milliseconds between two looks at a row: while outcomes are heard (a safety net), and while not. */
const lookAgain = { heard: 1000, deaf: 250 } as const

interface Heard {
  readonly text: string
  readonly finishedAt: number
}

/** Begins to listen at once, with one non-durable consumer. */
export const outcomeWatcher = (options: OutcomeWatcherOptions): OutcomeWatcher => {
  const { broker, logger, read } = options
  const waiting = waiters()
  const closing = new AbortController()
  const state = { listening: false, since: Infinity }
  const knowsSince = (time: number) => {
    state.since = time
  }
  // As they came: most are never asked for, and reading all would cost more than anything else here.
  const heard = recent<Heard>(read ? 0 : 10_000, ({ finishedAt }) =>
    knowsSince(Math.max(state.since, finishedAt)),
  )
  const fromHeard = (commandId: string) => {
    const known = heard.get(commandId)
    return known && parseOutcome(known.text, logger)
  }
  const current = async (commandId: string) => (read ? read(commandId) : fromHeard(commandId))

  const hear = (message: ReceivedMessage) => {
    const interested = waiting.of(message.key)
    if (read && !interested) return
    const text = new TextDecoder().decode(message.payload)
    heard.set(message.key, { text, finishedAt: message.publishTime.getTime() })
    const receipt = interested && parseOutcome(text, logger)
    if (receipt) for (const one of interested) one.tell(receipt)
  }
  const setListening = (now: boolean) => {
    if (state.listening === now) return
    state.listening = now
    if (now) knowsSince(Date.now())
    // What finished while nobody listened is in the rows by now.
    for (const one of waiting.all) one.wake()
  }
  const ended = listen({ broker, logger, signal: closing.signal, hear, setListening })

  return {
    get closed() {
      return closing.signal.aborted
    },
    wouldKnow: (submittedAt) =>
      read !== undefined || submittedAt.getTime() >= state.since + clockSkewMs,
    current,
    waitFor: waitWith({ waiting, state, logger, closing: closing.signal, current }),
    async close() {
      closing.abort()
      for (const one of waiting.all) one.wake()
      await ended
    },
  }
}

interface Waiting {
  readonly waiting: Waiters
  readonly state: { readonly listening: boolean }
  readonly logger: Logger
  readonly closing: AbortSignal
  readonly current: OutcomeWatcher['current']
}

const waitWith = (parts: Waiting): OutcomeWatcher['waitFor'] => {
  const { waiting, state, closing } = parts
  return async (commandId, timeoutMs, signal) => {
    const deadline = performance.now() + timeoutMs
    const one = waiter()
    // Before the first look: what finishes from now on is told, what finished before is in the row.
    waiting.add(commandId, one)
    try {
      for (;;) {
        const found = one.told ?? (await look(parts, commandId))
        if (found && isFinal(found)) return found
        const left = deadline - performance.now()
        if (left <= 0 || signal?.aborted || closing.aborted) return one.told
        await one.sleep(Math.min(left, lookAgain[state.listening ? 'heard' : 'deaf']), signal)
      }
    } finally {
      waiting.remove(commandId, one)
    }
  }
}

const look = async ({ current, logger }: Waiting, commandId: string) => {
  try {
    return await current(commandId)
  } catch (error) {
    logger.warn({ err: error, command_id: commandId }, 'receipt not read while waiting')
    return undefined
  }
}

/** Milliseconds between two tries to listen: this many at first, then twice as many, to a second. */
const firstRest = 50

interface Listening {
  readonly broker: OutcomeWatcherOptions['broker']
  readonly logger: Logger
  readonly signal: AbortSignal
  hear(message: ReceivedMessage): void
  setListening(now: boolean): void
}

const listen = async ({ broker, logger, signal, hear, setListening }: Listening): Promise<void> => {
  let consumer: Consumer | undefined
  let rest: number = firstRest
  while (!signal.aborted) {
    try {
      consumer ??= await subscribe(broker)
      setListening(true)
      const messages = await consumer.receive(1000, signal)
      if (messages.length === 0 && !signal.aborted) throw new Error('the consumer was closed')
      for (const message of messages) hear(message)
      await consumer.acknowledge(messages)
      if (rest > firstRest) logger.info('outcomes are heard again')
      rest = firstRest
    } catch (error) {
      setListening(false)
      // Once an outage: the tries after it say nothing new.
      logger[rest === firstRest ? 'warn' : 'debug']({ err: error }, 'outcomes are not heard')
      await consumer?.close().catch((cause: unknown) => logger.debug({ err: cause }, 'not closed'))
      consumer = undefined
      await pause(rest, undefined, { signal }).catch(() => undefined)
      rest = Math.min(1000, rest * 2)
    }
  }
  await consumer?.close().catch((cause: unknown) => logger.debug({ err: cause }, 'not closed'))
}

// A subscription of its own for every process: each hears every outcome.
const subscribe = (broker: Pick<Broker, 'subscribe'>) =>
  broker.subscribe({
    topics: [outcomesTopic],
    subscription: `outcomes.${newId()}`,
    type: 'Exclusive',
    from: 'latest',
    durable: false,
  })
