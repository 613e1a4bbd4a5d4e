import type { Logger } from 'pino'
import { newId } from '../kernel/ids.ts'
import type { Broker, ReceivedMessage } from '../messaging/port.ts'
import type { Database } from '../postgres/database.ts'
import type { Check } from '../runtime/role.ts'
import { acknowledger } from './acknowledger.ts'
import { toArrival, type Arrival } from './arrival.ts'
import { defaultPatience, type Consumption, type Patience } from './consumption.ts'
import { drainLanes } from './drainer.ts'
import { heldKeys } from './held-keys.ts'
import { keepHouse } from './housekeeping.ts'
import { clearInFlight } from './inbox.ts'
import { messageSource } from './message-source.ts'
import type { DeliveryMetrics } from './metrics.ts'
import { outageOf, type Outage } from './outage.ts'
import { takeBatch } from './take-batch.ts'
import type { Work } from './work.ts'

export interface ConsumerOptions {
  readonly broker: Pick<Broker, 'subscribe'>
  /** Where the work is done; its migrations include the set `delivery`. */
  readonly database: Database
  readonly subscription: string
  readonly topics: readonly string[]
  readonly work: Work
  readonly logger: Logger
  readonly metrics?: DeliveryMetrics
  /** Messages in one transaction at most. Default 100. */
  readonly batchSize?: number
  /** Older messages (by publish time) are dead-lettered, never handled: for commands. Default: none. */
  readonly maxAgeMs?: number
  /** How often due lanes are looked for. Default 2000 ms. */
  readonly lanePollMs?: number
  readonly patience?: Partial<Patience>
}

export interface BatchConsumer {
  /** Finishes and acknowledges what runs, leaves the rest to the next consumer. Idempotent. */
  stop(): Promise<void>
  check(): Promise<readonly Check[]>
}

/**
 * Turns the messages of a subscription into effects that happen once, per key in the order in which
 * they were published: one transaction a batch of what is there, acknowledged after its COMMIT.
 * Failing messages are held and parked by key (see `Work` for what an error means), the other keys
 * flow. Starts at once and goes on through outages of broker and database; ends only with `stop`.
 */
export const consumeBatches = (options: ConsumerOptions): BatchConsumer => {
  const { subscription, logger } = options
  const stopping = new AbortController()
  const { signal } = stopping
  const outages = {
    broker: outageOf(`the broker (for ${subscription})`, logger, signal),
    database: outageOf(`the database (for ${subscription})`, logger, signal),
  }
  const running = run(options, outages, signal).catch((error: unknown) =>
    logger.warn({ err: error, subscription }, 'the consumer did not end cleanly'),
  )
  return {
    stop() {
      stopping.abort()
      return running
    },
    async check() {
      return [
        checkOf(`${subscription} broker`, outages.broker),
        checkOf(`${subscription} database`, outages.database),
      ]
    },
  }
}

interface Outages {
  readonly broker: Outage
  readonly database: Outage
}

const run = async (options: ConsumerOptions, outages: Outages, signal: AbortSignal) => {
  const { database, logger, subscription } = options
  const acks = acknowledger(logger, signal)
  const source = messageSource(options, outages.broker, signal)
  const consumption: Consumption = {
    ...options,
    patience: { ...defaultPatience, ...options.patience },
    outage: outages.database,
    signal,
    acknowledge: (arrivals) => source.acknowledge(acks, arrivals.map(toMessage)),
  }
  const held = heldKeys(consumption)
  const owner = { subscription, id: newId() }
  const beside = [
    drainLanes(consumption, options.lanePollMs ?? 2000),
    keepHouse(database, logger, signal),
  ]
  await source.each(async (messages) => {
    const sorted = Map.groupBy(messages, (message) => isConcern(options.work, message))
    source.acknowledge(acks, sorted.get(false) ?? [])
    const arrivals = sorted.get(true)?.map((message) => toArrival(message, options.maxAgeMs)) ?? []
    if (arrivals.length > 0) await takeBatch(consumption, held, owner, arrivals)
  })
  await Promise.all([held.stopped(), ...beside])
  await acks.flush()
  await source.close()
  await clearInFlight(database, owner)
}

// What says of no type what it is concerns whoever it was sent to.
const isConcern = ({ concerns }: Work, { properties }: ReceivedMessage): boolean =>
  !concerns || !properties['ce_type'] || concerns(properties['ce_type'])

const toMessage = ({ message }: Arrival): ReceivedMessage => message

const checkOf = (name: string, outage: Outage): Check => {
  const since = outage.since()
  return since
    ? { name, ok: false, detail: `away since ${since.toISOString()}` }
    : { name, ok: true }
}
