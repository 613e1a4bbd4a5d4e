import type { ReceivedMessage } from './port.ts'

/** The waiting side of a consumer: who waits in `receive`, and what they are told. */
export interface ReceiveQueue {
  receive(max: number, signal?: AbortSignal): Promise<readonly ReceivedMessage[]>
  /** There may be something to hand out. */
  offer(): void
  /** Until `up`, nothing is handed out and who waits is told. */
  down(error: unknown): void
  up(): void
  close(): void
}

interface Waiter {
  readonly max: number
  settle(messages: readonly ReceivedMessage[]): void
  fail(error: unknown): void
}

const patienceMs = 1000

/**
 * `take` hands out what is there, and is asked again on each offer. `brokerAway` makes the error for
 * who waits while the broker is away.
 */
export const receiveQueue = (
  take: (max: number) => readonly ReceivedMessage[],
  brokerAway: (cause: unknown) => Error,
): ReceiveQueue => {
  const waiters = new Set<Waiter>()
  let away: unknown
  let closed = false

  const wait = (max: number, signal: AbortSignal | undefined) =>
    new Promise<readonly ReceivedMessage[]>((resolve, reject) => {
      const leave = () => {
        clearTimeout(patience)
        waiters.delete(waiter)
        signal?.removeEventListener('abort', aborted)
      }
      const waiter: Waiter = {
        max,
        settle: (messages) => (leave(), resolve(messages)),
        fail: (error) => (leave(), reject(error)),
      }
      const aborted = () => waiter.settle([])
      const giveUp = () => away && waiter.fail(brokerAway(away))
      // Whoever asks while the broker is away waits for it a little, so that its loop cannot spin.
      const patience = away ? setTimeout(giveUp, patienceMs) : undefined
      signal?.addEventListener('abort', aborted)
      waiters.add(waiter)
    })

  const offer = () => {
    if (away || closed) return
    for (const waiter of waiters) {
      const messages = take(waiter.max)
      if (messages.length === 0) return
      waiter.settle(messages)
    }
  }

  return {
    async receive(max, signal) {
      if (closed || signal?.aborted || max <= 0) return []
      const messages = away ? [] : take(max)
      return messages.length > 0 ? messages : wait(max, signal)
    },
    offer,
    down(error) {
      away = error ?? new Error('the broker is away')
      for (const waiter of waiters) waiter.fail(brokerAway(away))
    },
    up() {
      away = undefined
      offer()
    },
    close() {
      closed = true
      for (const waiter of waiters) waiter.settle([])
    },
  }
}
