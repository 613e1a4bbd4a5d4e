import { asPulsarError, type PulsarError, type PulsarErrorCode } from '../errors.ts'
import { backoffMs } from './backoff.ts'

/** Attaches a producer or consumer to its broker, again and again until it works or cannot. */
export class AttachLoop {
  readonly #attach: () => Promise<void>
  readonly #busy: PulsarErrorCode
  readonly #onEnded: (reason: PulsarError) => void
  #stopped = false
  #endPause: (() => void) | undefined

  /**
   * @param busy what the broker answers until it notices that our old connection is gone
   * @param onEnded called when it cannot be attached again, with what the broker answered
   */
  constructor(
    attach: () => Promise<void>,
    busy: PulsarErrorCode,
    onEnded: (reason: PulsarError) => void,
  ) {
    this.#attach = attach
    this.#busy = busy
    this.#onEnded = onEnded
  }

  get stopped(): boolean {
    return this.#stopped
  }

  /** The first time: what may succeed later is tried for `timeoutMs`, then its error is thrown. */
  async first(timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#attach()
      } catch (thrown) {
        const error = asPulsarError(thrown)
        if (this.#stopped || !error.retriable || performance.now() > deadline) throw error
      }
      await this.#pause(backoffMs(attempt))
    }
  }

  /** After that: tried until it works, or `onEnded`. */
  async again(): Promise<void> {
    for (let attempt = 0; !this.#stopped; attempt++) {
      await this.#pause(backoffMs(attempt))
      if (this.#stopped) return
      try {
        return await this.#attach()
      } catch (thrown) {
        const error = asPulsarError(thrown)
        if (error.retriable || error.code === this.#busy) continue
        this.stop()
        this.#onEnded(error)
      }
    }
  }

  stop(): void {
    this.#stopped = true
    this.#endPause?.()
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#endPause = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
