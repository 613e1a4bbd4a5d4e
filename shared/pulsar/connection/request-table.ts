import { PulsarError, serverError } from '../errors.ts'
import type { Command } from '../wire/commands.ts'

interface Pending {
  deadline: number
  readonly what: string
  readonly resolve: (reply: Command) => void
  readonly reject: (error: PulsarError) => void
}

/** What was asked and not answered yet, by request id. One timer for all, set to who is due first. */
export class RequestTable {
  readonly #timeoutMs: number
  readonly #pending = new Map<number, Pending>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #timerAt = Infinity

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  /**
   * Waits for the reply to `id`, `timeoutMs` at most.
   * @throws PulsarError what the broker answered, `timeout`, or why the connection closed
   */
  wait(id: number, what: string, timeoutMs = this.#timeoutMs): Promise<Command> {
    return new Promise((resolve, reject) => {
      const deadline = performance.now() + timeoutMs
      this.#pending.set(id, { deadline, what, resolve, reject })
      this.#arm(deadline)
    })
  }

  /** Settles the request a command answers; false when it answers none. */
  settle(command: Command): boolean {
    const { body } = command
    if (!('requestId' in body) || body.requestId === undefined) return false
    const pending = this.#pending.get(body.requestId)
    if (!pending) return false
    if (command.type === 'producerSuccess' && command.body.producerReady === false) {
      // The broker answers again when this producer's turn has come, however long that takes.
      pending.deadline = Infinity
      return true
    }
    this.#remove(body.requestId)
    if ('error' in body && body.error !== undefined)
      pending.reject(
        serverError(body.error, `${pending.what}: ${body.message ?? 'no reason given'}`),
      )
    else pending.resolve(command)
    return true
  }

  failAll(reason: PulsarError): void {
    for (const [id, pending] of this.#pending) {
      this.#remove(id)
      pending.reject(new PulsarError(reason.code, `${pending.what}: ${reason.message}`))
    }
  }

  #remove(id: number): void {
    this.#pending.delete(id)
    if (this.#pending.size === 0) this.#disarm()
  }

  #disarm(): void {
    clearTimeout(this.#timer)
    this.#timerAt = Infinity
  }

  #arm(deadline: number): void {
    if (deadline >= this.#timerAt) return
    this.#disarm()
    this.#timerAt = deadline
    this.#timer = setTimeout(() => this.#sweep(), Math.max(deadline - performance.now(), 0))
  }

  #sweep(): void {
    this.#timerAt = Infinity
    const now = performance.now()
    for (const [id, { deadline, what, reject }] of this.#pending) {
      if (deadline > now) continue
      this.#remove(id)
      reject(new PulsarError('timeout', `${what}: the broker did not answer in time.`))
    }
    this.#arm(Math.min(...[...this.#pending.values()].map(({ deadline }) => deadline)))
  }
}
