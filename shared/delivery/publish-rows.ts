import { Invalid, Transient } from '../kernel/fates.ts'
import type { OutboxRow } from './outbox.ts'

export interface Published {
  /** Ids of what the broker stored. */
  readonly stored: readonly string[]
  /** What the broker will never take, with the reason. */
  readonly refused: readonly { readonly row: OutboxRow; readonly reason: Invalid }[]
  /** What failed; later rows of the same topics and keys were not sent. */
  readonly failed: readonly { readonly row: OutboxRow; readonly error: unknown }[]
}

/**
 * Sends one row of each topic and key at a time. Sent together, the first of a key could fail and the
 * second be stored, which no repetition puts right. Ends early, with the rest unsent, when `goOn` says so.
 */
export const publishRows = async (
  publish: (row: OutboxRow) => Promise<string>,
  rows: readonly OutboxRow[],
  goOn: () => boolean = () => true,
): Promise<Published> => {
  const stored: string[] = []
  const refused: Published['refused'][number][] = []
  const failed: Published['failed'][number][] = []
  let waiting = [...Map.groupBy(rows, lineOf).values()]
  for (let turn = 0; waiting.length > 0 && (turn === 0 || goOn()); turn++) {
    const wave = waiting.flatMap((ofLine) => ofLine[turn] ?? [])
    const outcomes = await Promise.allSettled(wave.map(publish))
    const stopped = new Set<string>()
    for (const [index, row] of wave.entries()) {
      const outcome = outcomes[index]
      if (outcome?.status !== 'rejected') stored.push(row.id)
      else if (outcome.reason instanceof Invalid) refused.push({ row, reason: outcome.reason })
      else {
        failed.push({ row, error: outcome.reason })
        stopped.add(lineOf(row))
      }
    }
    waiting = waiting.filter(
      ([first, ...rest]) => rest.length > turn && first && !stopped.has(lineOf(first)),
    )
  }
  return { stored, refused, failed }
}

// Topics keep no order among each other.
const lineOf = ({ topic, key }: OutboxRow) => `${topic} ${key}`

/** Whether somebody else has taken over what this process held. */
export const isFenced = (error: unknown): boolean =>
  error instanceof Transient && error.slug === 'fenced'
