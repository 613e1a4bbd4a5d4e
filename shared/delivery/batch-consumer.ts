import type { Logger } from 'pino'
import { newId } from '../kernel/ids.ts'
import type { Broker, Consumer } from '../messaging/port.ts'
import type { Database } from '../postgres/database.ts'
import type { Check } from '../runtime/role.ts'
import { acknowledger } from './acknowledger.ts'
import { toArrival, type Arrival } from './arrival.ts'
import { defaultPatience, type Consumption, type Patience } from './consumption.ts'
import { heldKeys, type HeldKeys } from './held-keys.ts'
import { clearInFlight, markInFlight } from './inbox.ts'
import { hold } from './key-step.ts'
import type { DeliveryMetrics } from './metrics.ts'
import { outageOf, type Outage } from './outage.ts'
import { pause } from './pause.ts'
import { joinHeld, runBatch } from './run-batch.ts'
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
  /** Keys that may wait for a lock at the same time. Default 2. */
  readonly heldConcurrency?: number
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
  const { subscription, logger, database } = options
  const stopping = new AbortController()
  const { signal } = stopping
  const brokerOutage = outageOf(`the broker (for ${subscription})`, logger, signal)
  const outage = outageOf(`the database (for ${subscription})`, logger, signal)
  const acks = acknowledger(logger, signal)
  let consumer: Consumer | undefined
  const consumption: Consumption = {
    ...options,
    patience: { ...defaultPatience, ...options.patience },
    outage,
    signal,
    acknowledge(arrivals) {
      if (consumer && arrivals.length > 0)
        acks.add(
          consumer,
          arrivals.map((arrival) => arrival.message),
        )
    },
  }
  const held = heldKeys(consumption, options.heldConcurrency ?? 2)
  const me = { subscription, id: newId() }

  const step = async () => {
    consumer ??= await subscribe(options)
    const messages = await consumer.receive(options.batchSize ?? 100, signal)
    brokerOutage.ended()
    // A consumer that was closed from outside answers at once, and empty.
    if (messages.length === 0) return pause(200, signal)
    const arrivals = messages.map((message) => toArrival(message, options.maxAgeMs))
    await take(consumption, held, me, arrivals)
  }

  const loop = async () => {
    while (!signal.aborted) {
      try {
        await step()
      } catch (error) {
        brokerOutage.met(error)
        await brokerOutage.over()
      }
    }
    await held.stopped()
    await acks.flush()
    await consumer?.close()
    await clearInFlight(database, me)
  }
  const running = loop().catch((error: unknown) =>
    logger.warn({ err: error, subscription }, 'the consumer did not end cleanly'),
  )

  return {
    stop() {
      stopping.abort()
      return running
    },
    async check() {
      return [
        checkOf(`${subscription} broker`, brokerOutage),
        checkOf(`${subscription} database`, outage),
      ]
    },
  }
}

const subscribe = ({ broker, subscription, topics }: ConsumerOptions) =>
  broker.subscribe({ subscription, topics, type: 'Failover' })

const checkOf = (name: string, outage: Outage): Check => {
  const since = outage.since()
  return since
    ? { name, ok: false, detail: `away since ${since.toISOString()}` }
    : { name, ok: true }
}

interface Self {
  readonly subscription: string
  readonly id: string
}

/** Sorts what was received: suspects and unreadable messages with their whole keys, then the batch. */
const take = async (
  consumption: Consumption,
  held: HeldKeys,
  me: Self,
  received: readonly Arrival[],
): Promise<void> => {
  const suspects = await mark(consumption, held, me, received)
  const arrivals = joinHeld(held, received)
  const special = new Set(
    arrivals.filter(({ id, fault }) => fault || suspects.has(id)).map(({ key }) => key),
  )
  const byKey = Map.groupBy(arrivals, ({ key }) => key)
  for (const key of special) {
    const ofKey = byKey.get(key) ?? []
    const suspected = ofKey.some(({ id }) => suspects.has(id))
    const tried = held.add(
      key,
      ofKey.map((arrival) =>
        suspects.has(arrival.id)
          ? { ...hold(arrival), alone: true, uncounted: 1 }
          : { ...hold(arrival), alone: suspected },
      ),
    )
    // One at a time, or an innocent neighbour would be counted with the one that ends the process.
    if (suspected) await tried
  }
  await runBatch(
    consumption,
    held,
    arrivals.filter(({ key }) => !special.has(key)),
  )
}

const mark = async (
  { database, outage, signal }: Consumption,
  held: HeldKeys,
  me: Self,
  received: readonly Arrival[],
): Promise<ReadonlySet<string>> => {
  const ids = received.map(({ id }) => id)
  while (!signal.aborted) {
    await outage.over()
    try {
      const suspects = await markInFlight(database, me, ids, held.ids())
      outage.ended()
      return suspects
    } catch (error) {
      outage.met(error)
    }
  }
  return new Set()
}
