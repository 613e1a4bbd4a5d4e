import type { Accepted } from './client.ts'

/** A request that was not answered 202. */
export interface Refusal {
  /** Absent when no answer came at all; then `code` says what became of the connection. */
  readonly status?: number
  readonly code?: string
  readonly milliseconds: number
  readonly keyed: boolean
}

/** What a client was promised, and what it was not. */
export interface Ledger {
  /** By command id. */
  readonly accepted: Map<string, Accepted>
  /** The command ids that were answered to each idempotency key. */
  readonly keys: Map<string, Set<string>>
  readonly refusals: Refusal[]
  /** The longest time until an answer. */
  slowest: number
}

export const emptyLedger = (): Ledger => ({
  accepted: new Map(),
  keys: new Map(),
  refusals: [],
  slowest: 0,
})

/** Sends one request on a connection of its own and writes down what came of it. */
export const enter = async (
  ledger: Ledger,
  url: string,
  body: unknown,
  key?: string,
): Promise<Accepted | undefined> => {
  const began = performance.now()
  const outcome = await ask(url, body, key)
  const milliseconds = performance.now() - began
  ledger.slowest = Math.max(ledger.slowest, milliseconds)
  if (!('accepted' in outcome)) {
    ledger.refusals.push({ ...outcome, milliseconds, keyed: key !== undefined })
    return undefined
  }
  const { accepted } = outcome
  ledger.accepted.set(accepted.command_id, accepted)
  if (key) ledger.keys.set(key, (ledger.keys.get(key) ?? new Set()).add(accepted.command_id))
  return accepted
}

const ask = async (url: string, body: unknown, key: string | undefined) => {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      // A connection that is used again may be repeated by the client itself when it breaks.
      keepalive: false,
      headers: {
        'content-type': 'application/json',
        ...(key ? { 'idempotency-key': `"${key}"` } : {}),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    })
    const text = await answer.text()
    if (answer.status === 202) return { accepted: JSON.parse(text) as Accepted }
    return { status: answer.status }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    return { code: String(code ?? error) }
  }
}

/** How often each status or broken connection was met, for a failing test to show. */
export const refusalsByKind = ({ refusals }: Ledger): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const { status, code } of refusals) {
    const kind = String(status ?? code)
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}
