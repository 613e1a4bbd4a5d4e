import { PulsarError, serverError } from '../errors.ts'
import type { Command } from '../wire/commands.ts'

interface Pending {
  deadline: number
  readonly what: string
  readonly resolve: (reply: Command) => void
  readonly reject: (error: PulsarError) => void
}

/**
 * What was asked and not answered yet, by request id. One timer for all: every request has the same
 * time, so the oldest is due first.
 */
export class RequestTable {
  readonly #timeoutMs: number
  readonly #pending = new Map<number, Pending>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  /**
   * Waits for the reply to `id`.
   * @throws PulsarError what the broker answered, `timeout`, or why the connection closed
   */
  wait(id: number, what: string): Promise<Command> {
    return new Promise((resolve, reject) => {
      const deadline = performance.now() + this.#timeoutMs
      this.#pending.set(id, { deadline, what, resolve, reject })
      this.#arm()
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
    if (this.#pending.size > 0) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#sweep()
    }, this.#timeoutMs)
  }

  #sweep(): void {
    const now = performance.now()
    for (const [id, pending] of this.#pending) {
      if (pending.deadline > now) continue
      this.#remove(id)
      const message = `${pending.what}: no answer within ${this.#timeoutMs} ms.`
      pending.reject(new PulsarError('timeout', message))
    }
    const waiting = [...this.#pending.values()].some(({ deadline }) => deadline !== Infinity)
    if (waiting) this.#arm()
  }
}
