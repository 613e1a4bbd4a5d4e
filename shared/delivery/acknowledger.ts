import type { Logger } from 'pino'
import type { Consumer, ReceivedMessage } from '../messaging/port.ts'
import { backoff, pause } from './pause.ts'

export interface Acknowledger {
  /** Acknowledges soon, together with what else has come by then. */
  add(consumer: Pick<Consumer, 'acknowledge'>, messages: readonly ReceivedMessage[]): void
  /** Resolves when everything is acknowledged, or, once the signal has aborted, was tried. */
  flush(): Promise<void>
}

/**
 * One acknowledgement in flight; what comes meanwhile goes with the next. A failed one is tried
 * again, since a broker may deliver again only after a reconnect; were it lost, the inbox would drop
 * the repeat.
 */
export const acknowledger = (logger: Logger, signal: AbortSignal): Acknowledger => {
  let waiting: ReceivedMessage[] = []
  let through: Pick<Consumer, 'acknowledge'> | undefined
  let running: Promise<void> | undefined

  const run = async () => {
    for (let failures = 0; waiting.length > 0 && through;) {
      const taken = waiting
      waiting = []
      try {
        await through.acknowledge(taken)
        failures = 0
      } catch (error) {
        failures += 1
        if (failures === 1) logger.warn({ err: error }, 'acknowledging failed, will be repeated')
        if (signal.aborted) return
        waiting = [...taken, ...waiting]
        await pause(backoff(failures, 100, 1000), signal)
      }
    }
  }

  return {
    add(consumer, messages) {
      through = consumer
      waiting.push(...messages)
      running ??= run().finally(() => {
        running = undefined
      })
    },
    async flush() {
      await running
    },
  }
}
