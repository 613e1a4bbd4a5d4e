import { asPulsarError } from '../errors.ts'
import { backoffMs } from './backoff.ts'

/**
 * How long one answer is waited for: a sixth of the time for operations at first (5 s of the usual
 * 30), twice as long after each that did not come, never longer than the whole of it. A broker that starts may lose a request, and waiting 30 s for
 * the answer to it would leave a broker that is back unused; one that is slow is not asked in vain.
 */
export class AnswerTime {
  readonly #longestMs: number
  #ms: number

  constructor(operationTimeoutMs: number) {
    this.#longestMs = operationTimeoutMs
    this.#ms = operationTimeoutMs / 6
  }

  get ms(): number {
    return this.#ms
  }

  missed(): void {
    this.#ms = Math.min(this.#ms * 2, this.#longestMs)
  }
}

/** A pause that can be ended early. */
export class Pause {
  #end: (() => void) | undefined

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#end = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  end(): void {
    this.#end?.()
  }
}

/**
 * Tries `attempt` until it works, cannot, or `timeoutMs` are over; then its last error is thrown.
 * @param attempt gets how long one answer may take, in ms
 */
export const patiently = async <T>(
  attempt: (answerMs: number) => Promise<T>,
  timeoutMs: number,
  { pause = new Pause(), stopped = (): boolean => false } = {},
): Promise<T> => {
  const answer = new AnswerTime(timeoutMs)
  let deadline = performance.now() + timeoutMs
  for (let tries = 0; ; tries++) {
    const began = performance.now()
    try {
      return await attempt(answer.ms)
    } catch (thrown) {
      const error = asPulsarError(thrown)
      if (error.code === 'timeout') answer.missed()
      // Only who was told to wait for its turn waits so long, and has not lost its time by that.
      else if (performance.now() - began > timeoutMs) deadline = performance.now() + timeoutMs
      if (stopped() || !error.retriable || performance.now() > deadline) throw error
    }
    await pause.wait(backoffMs(tries))
  }
}
