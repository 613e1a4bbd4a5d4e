import type { Logger } from 'pino'
import { endedByWaiting, outageOf } from '../../shared/delivery/outage.ts'
import { orAfter } from '../../shared/delivery/pause.ts'
import { Invalid, Poison, Transient } from '../../shared/kernel/fates.ts'
import { PulsarError } from '../../shared/pulsar/errors.ts'
import type { Check } from '../../shared/runtime/role.ts'

/** An open way for messages, from where they come to where they go. What is not acknowledged comes again. */
export interface Route<Message> {
  /** Waits for at least one; empty once `signal` has aborted. Rejects while the broker is away. */
  receive(signal: AbortSignal): Promise<readonly Message[]>
  /** Resolves once the message is safe where it goes. Throws `Poison` for one that can go nowhere. */
  carry(message: Message): Promise<void>
  /** Keeps such a message where people find it. */
  putAside(message: Message, why: Poison): Promise<void>
  acknowledge(messages: readonly Message[]): Promise<void>
  close(): Promise<void>
}

export interface Forwarding {
  check(): Check
  /** Acknowledges what was carried, and leaves the rest for next time. Idempotent. */
  stop(): Promise<void>
}

/**
 * Carries every message of a route on, at least once, and acknowledges it after that. Goes on through
 * outages until it is stopped. Rejects when the route cannot be opened for a reason that no waiting mends.
 */
export const forward = async <Message>(
  name: string,
  open: () => Promise<Route<Message>>,
  logger: Logger,
): Promise<Forwarding> => {
  const stopping = new AbortController()
  const { signal } = stopping
  const outage = outageOf(`Pulsar (for ${name})`, logger, signal)
  let route: Route<Message> | undefined
  const close = async () => {
    const used = route
    route = undefined
    await used?.close().catch((error: unknown) => logger.warn({ err: error }, `${name} not closed`))
  }
  const run = async () => {
    while (!signal.aborted) {
      try {
        route ??= await (opening ?? open())
        opening = undefined
        const messages = await endedByWaiting(outage, route.receive(signal))
        await carryAll(route, messages, logger)
        outage.ended()
      } catch (error) {
        opening = undefined
        if (signal.aborted) break
        outage.met(error)
        await close()
        await outage.over()
      }
    }
    await close()
  }
  let opening: Promise<Route<Message>> | undefined = open()
  opening.catch((error: unknown) => {
    if (mayPass(error)) outage.met(error)
  })
  // What no waiting mends is known by then; for a Pulsar that is away nobody else has to wait.
  await orAfter(
    1000,
    opening.catch((error: unknown) => {
      if (!mayPass(error)) throw error
    }),
  )
  const running = run()
  return {
    check() {
      const since = outage.since()
      return since
        ? { name, ok: false, detail: `away since ${since.toISOString()}` }
        : { name, ok: true }
    },
    async stop() {
      stopping.abort()
      // An opening that is still under way is not waited for, nor a broker that is away.
      await orAfter(1500, running)
    },
  }
}

const carryAll = async <Message>(
  route: Route<Message>,
  messages: readonly Message[],
  logger: Logger,
): Promise<void> => {
  const outcomes = await Promise.allSettled(
    messages.map((message) => carryOrPutAside(route, message, logger)),
  )
  const done = messages.filter((_, index) => outcomes[index]?.status === 'fulfilled')
  if (done.length > 0) await route.acknowledge(done)
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed) throw failed.reason
}

const carryOrPutAside = async <Message>(
  route: Route<Message>,
  message: Message,
  logger: Logger,
): Promise<void> => {
  try {
    await route.carry(message)
  } catch (error) {
    const why = neverCarried(error)
    if (!why) throw error
    await route.putAside(message, why)
    logger.error({ err: error }, 'a message went to the dead letters')
  }
}

/** What the broker will not take however often it is asked is as good as unreadable. */
const neverCarried = (error: unknown): Poison | undefined => {
  if (error instanceof Poison) return error
  if (error instanceof Invalid) return new Poison(error.slug, error.message, { cause: error })
  return undefined
}

const mayPass = (error: unknown): boolean =>
  error instanceof Transient || (error instanceof PulsarError && error.retriable)
