import { reservationBody } from './bodies.ts'
import { emptyLedger, enter, type Ledger } from './chaos-ledger.ts'
import { oneOf, type Random, randomFrom } from './chaos-random.ts'

export interface LoadOptions {
  /** Addresses of command-apis; asked before each request, so they may change. */
  readonly targets: () => readonly string[]
  readonly seed: number
  readonly callers?: number
  /** Which part of the requests carries an idempotency key. Default one half. */
  readonly keyed?: number
  /** Users whose reservations are linked now and then: commands over two rows. */
  readonly users?: readonly string[]
}

export interface Load {
  readonly ledger: Ledger
  /** Resolves when so many more commands have been accepted. */
  more(commands: number): Promise<void>
  /** Resolves when every caller has its last answer. */
  stop(): Promise<Ledger>
}

/**
 * Callers that make reservations and approve, pay, cancel or link each other's, without caring whether
 * that is allowed. Keyed requests are repeated, at any address, until accepted.
 */
export const startLoad = ({
  targets,
  seed,
  callers = 8,
  keyed = 0.5,
  users = [],
}: LoadOptions): Load => {
  const random = randomFrom(seed)
  const ledger = emptyLedger()
  const recent: string[] = []
  let stopping = false

  const send = async (path: string, body: unknown) => {
    const key = random() < keyed ? crypto.randomUUID() : undefined
    for (;;) {
      const accepted = await enter(ledger, `${oneOf(random, targets())}${path}`, body, key)
      if (accepted || !key) return accepted
      // Refused connections cost nothing: without a rest the callers would take the processor.
      await Bun.sleep(25)
    }
  }
  const caller = async () => {
    while (!stopping) {
      const { path, body } = nextRequest(random, recent, users)
      const accepted = await send(path, body)
      if (!accepted) await Bun.sleep(25)
      else if (path === '/reservations') recent.push(accepted.id)
      if (recent.length > 50) recent.shift()
    }
  }
  const callings = Array.from({ length: callers }, caller)
  return {
    ledger,
    async more(commands) {
      const goal = ledger.accepted.size + commands
      const deadline = Date.now() + 30_000
      while (ledger.accepted.size < goal) {
        if (Date.now() > deadline) throw new Error(`no ${commands} commands accepted within 30 s`)
        await Bun.sleep(10)
      }
    },
    async stop() {
      stopping = true
      await Promise.all(callings)
      return ledger
    },
  }
}

const nextRequest = (random: Random, recent: readonly string[], users: readonly string[]) => {
  const id = recent.length > 0 && random() < 0.65 ? oneOf(random, recent) : undefined
  if (!id) return { path: '/reservations', body: reservationBody }
  if (users.length > 0 && random() < 0.25)
    return { path: `/users/${oneOf(random, users)}/reservations`, body: { reservation_id: id } }
  return { path: `/reservations/${id}/${oneOf(random, ['approve', 'pay', 'cancel'])}`, body: {} }
}
