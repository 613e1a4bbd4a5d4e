import { semaphore } from '../postgres/semaphore.ts'
import type { Consumption } from './consumption.ts'
import type { Held } from './held.ts'
import { keyStep } from './key-step.ts'
import { pause } from './pause.ts'

/** Keys whose messages cannot go with the batches; each runs by itself, in order, beside them. */
export interface HeldKeys {
  has(key: string): boolean
  /** Ids of all messages held. */
  ids(): string[]
  /** Queues messages of one key. Resolves when each has run once, or is gone from here. */
  add(key: string, held: readonly Held[]): Promise<void>
  /** Resolves when nothing runs any more; call it after the signal has aborted. */
  stopped(): Promise<void>
}

/** Two transactions at once at most, so that the batches keep connections to themselves. */
export const heldKeys = (consumption: Consumption): HeldKeys => {
  const queues = new Map<string, Held[]>()
  const running = new Set<Promise<void>>()
  const slots = semaphore(2)
  const { outage, signal } = consumption

  const drain = async (key: string, queue: Held[]) => {
    const step = keyStep(consumption, queue)
    while (queue.length > 0 && !signal.aborted) {
      await outage.over()
      if (signal.aborted) break
      const restMs = await slots.run(step)
      if (restMs > 0) await pause(restMs, signal)
    }
    queues.delete(key)
    for (const held of queue) held.tried()
  }

  return {
    has: (key) => queues.has(key),
    ids: () => [...queues.values()].flatMap((queue) => queue.map(({ arrival }) => arrival.id)),
    async add(key, held) {
      const known = queues.get(key)
      const tried = held.map(untilTried)
      if (known) known.push(...held)
      else {
        const queue = [...held]
        queues.set(key, queue)
        const run = drain(key, queue).finally(() => running.delete(run))
        running.add(run)
      }
      await Promise.all(tried)
    },
    async stopped() {
      await Promise.all(running)
    },
  }
}

const untilTried = (held: Held) =>
  new Promise<void>((resolve) => {
    held.tried = resolve
  })
