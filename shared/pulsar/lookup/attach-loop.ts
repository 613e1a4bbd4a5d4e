import { asPulsarError, type PulsarError, type PulsarErrorCode } from '../errors.ts'
import { backoffMs } from './backoff.ts'
import { AnswerTime, patiently, Pause } from './patience.ts'

/**
 * What a broker that has just started may answer although it will not last: its metadata are not
 * there yet. Who was welcome before comes back to it for the time of an operation.
 */
const mayPass: ReadonlySet<PulsarErrorCode> = new Set<PulsarErrorCode>([
  'authentication',
  'authorization',
  'certificate',
  'topic-not-found',
])

export interface Attaching {
  /** One attempt. `answerMs` is how long each answer of the broker may take. */
  attach(answerMs: number): Promise<void>
  /** What the broker answers until it notices that our old connection is gone. */
  readonly busy: PulsarErrorCode
  /** How long the first attach is tried, and one that was good is tried again although refused. */
  readonly operationTimeoutMs: number
  /** It cannot be attached again; with what the broker answered. */
  onEnded(reason: PulsarError): void
}

/** Attaches a producer or consumer to its broker, again and again until it works or cannot. */
export class AttachLoop {
  readonly #attaching: Attaching
  readonly #pause = new Pause()
  #stopped = false

  constructor(attaching: Attaching) {
    this.#attaching = attaching
  }

  get stopped(): boolean {
    return this.#stopped
  }

  /**
   * The first time: what may succeed later is tried for the time of an operation, then its error is
   * thrown. Whoever was told to wait for its turn has all the time it takes.
   */
  async first(): Promise<void> {
    const { operationTimeoutMs } = this.#attaching
    const attach = (answerMs: number) => this.#attaching.attach(answerMs)
    await patiently(attach, operationTimeoutMs, {
      pause: this.#pause,
      stopped: () => this.#stopped,
    })
  }

  /**
   * After that: tried until it works, or `onEnded`.
   * @param inVain how many starts before this one were of no use: it waits the longer
   */
  async again(inVain = 0): Promise<void> {
    const answer = new AnswerTime(this.#attaching.operationTimeoutMs)
    let refusedSince: number | undefined
    for (let attempt = inVain; !this.#stopped; attempt++) {
      await this.#pause.wait(backoffMs(attempt))
      if (this.#stopped) return
      try {
        return await this.#attaching.attach(answer.ms)
      } catch (thrown) {
        const error = asPulsarError(thrown)
        if (error.code === 'timeout') answer.missed()
        if (error.retriable || error.code === this.#attaching.busy) refusedSince = undefined
        else refusedSince ??= performance.now()
        if (refusedSince !== undefined && this.#isFinal(error, refusedSince)) this.#end(error)
      }
    }
  }

  stop(): void {
    this.#stopped = true
    this.#pause.end()
  }

  #isFinal({ code }: PulsarError, since: number): boolean {
    return !mayPass.has(code) || performance.now() - since > this.#attaching.operationTimeoutMs
  }

  #end(reason: PulsarError): void {
    this.stop()
    this.#attaching.onEnded(reason)
  }
}

/** What waits until something is attached. */
export const attachment = () => {
  const next = Promise.withResolvers<void>()
  // Nobody has to wait for it.
  next.promise.catch(() => undefined)
  return next
}
