/** Where a message lies. Ids beyond 2^53 do not occur: ledgers are counted from 0. */
export interface MessageId {
  readonly ledgerId: number
  readonly entryId: number
  /** -1: not a partition. */
  readonly partitionIndex?: number
  /** -1: not in a batch. */
  readonly batchIndex?: number
}

export type Position = 'earliest' | 'latest' | MessageId

// Long.MAX_VALUE has no exact JavaScript number, and Pulsar reads these as longs.
const latest = '{"ledgerId":9223372036854775807,"entryId":9223372036854775807,"partitionIndex":-1}'

/** The JSON that Pulsar reads as a message id. */
export function positionJson(position: Position): string {
  if (position === 'latest') return latest
  const id = position === 'earliest' ? { ledgerId: -1, entryId: -1 } : position
  return JSON.stringify({ partitionIndex: -1, ...id })
}

/** As people write it: `earliest`, `latest`, `ledger:entry`. */
export const positionWords = (position: Position): string =>
  typeof position === 'string' ? position : `${position.ledgerId}:${position.entryId}`
