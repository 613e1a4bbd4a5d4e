import { Transient } from '../shared/kernel/fates.ts'
import type { Broker, Publisher } from '../shared/messaging/port.ts'
import { backoff, pause } from '../shared/delivery/pause.ts'
import type { Logger } from '../shared/telemetry/logger.ts'

export interface GatedBroker {
  /** Behaves like a broker that is away until it is ready. */
  readonly broker: Broker
  /** Resolves when it is ready or known to be away; rejects when what is there cannot be used. */
  readonly firstTry: Promise<void>
  /** Never resolves; rejects when it was away at first and, once there, cannot be used. */
  readonly refused: Promise<never>
}

export interface GateOptions {
  /** Where the broker is, for people. */
  readonly place: string
  /**
   * Makes sure that everything is there that is needed. A `Transient` slug `broker-unavailable` means
   * that the broker is away; anything else that it is of no use as it is.
   */
  readonly prepare: () => Promise<void>
  readonly logger: Logger
  readonly signal: AbortSignal
}

/**
 * Lets roles start although their broker is away: they wait for it, without end, as for one that goes
 * away later, and `/readyz` says so.
 */
export const gatedBroker = (broker: Broker, options: GateOptions): GatedBroker => {
  let ready = false
  const open = () => {
    ready = true
  }
  const refused = Promise.withResolvers<never>()
  const trouble = options.prepare().then(
    () => undefined,
    (error: unknown) => error,
  )
  const firstTry = trouble.then((error) => {
    if (error === undefined) return
    if (!isAway(error)) throw error
    keepTrying(error, options).then(open, refused.reject)
  })
  const known = trouble.then((error) => {
    if (error !== undefined) throw isAway(error) ? away(options, error) : error
  })
  // First in line, so that what comes later finds it open and overtakes nobody who waits.
  known.then(open, () => undefined)
  for (const promise of [firstTry, refused.promise]) promise.catch(() => undefined)
  return {
    broker: behind(broker, () => (ready ? undefined : known)),
    firstTry,
    refused: refused.promise,
  }
}

const away = ({ place }: GateOptions, cause: Error) => {
  const message = `${place} is away since this process was started: ${cause.message}`
  return new Transient('broker-unavailable', message, { cause })
}

const keepTrying = async (first: Error, options: GateOptions): Promise<void> => {
  const { place, prepare, logger, signal } = options
  const waiting = `${place} is away: waiting for it, however long it takes (${first.message})`
  logger.warn({ err: first }, waiting)
  for (let failures = 1; !signal.aborted; failures++) {
    await pause(backoff(failures, 100, 1000), signal)
    if (signal.aborted) return
    try {
      await prepare()
      return logger.info(`${place} is there`)
    } catch (error) {
      if (!isAway(error)) throw error
    }
  }
}

const isAway = (error: unknown): error is Transient =>
  error instanceof Transient && error.slug === 'broker-unavailable'

type Gate = () => Promise<void> | undefined

const behind = (broker: Broker, gate: Gate): Broker => ({
  ...broker,
  publisher: (options) => publisherBehind(broker.publisher(options), gate),
  async subscribe(options) {
    await gate()
    return broker.subscribe(options)
  },
  async stats(topic) {
    await gate()
    return broker.stats(topic)
  },
  async check() {
    await gate()
    return broker.check()
  },
})

const publisherBehind = (publisher: Publisher, gate: Gate): Publisher => {
  const { hold } = publisher
  return {
    ...publisher,
    publish(topic, message) {
      const waiting = gate()
      return waiting
        ? waiting.then(() => publisher.publish(topic, message))
        : publisher.publish(topic, message)
    },
    ...(hold
      ? {
          async hold(topic: string, partitions: readonly number[]) {
            await gate()
            await hold(topic, partitions)
          },
        }
      : {}),
  }
}
