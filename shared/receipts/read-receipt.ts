import { type Receipt, type ReceiptStatus, receipt } from '../contracts/receipts.ts'
import { storable } from '../delivery/storable.ts'
import type { Queryable } from '../postgres/database.ts'

/** A receipt with its owner, who is not shown. */
export interface StoredReceipt extends Receipt {
  readonly owner: string | null
}

interface Row extends Omit<StoredReceipt, 'id' | 'submitted_at' | 'finished_at' | 'status'> {
  readonly target_id: string
  readonly status: string
  readonly submitted_at: Date
  readonly finished_at: Date | null
}

const statement = `
  SELECT command_id, type, target_id, owner, status, version, submitted_at, finished_at, attempts, events, problem
  FROM uow.receipt WHERE command_id = $1`

/** The receipt of a command; undefined while no worker has seen it. */
export const readReceipt = async (
  database: Queryable,
  commandId: string,
): Promise<StoredReceipt | undefined> => {
  const [row] = await database.query<Row>(statement, [storable(commandId)])
  if (!row) return undefined
  const { target_id, owner, submitted_at, finished_at, ...same } = row
  return {
    ...receipt.parse({
      ...same,
      id: target_id,
      submitted_at: submitted_at.toISOString(),
      finished_at: finished_at?.toISOString() ?? null,
    }),
    owner,
  }
}

const final: readonly ReceiptStatus[] = ['completed', 'rejected', 'failed']

/** True when nothing more is to be waited for (a redrive may still complete a failed one). */
export const isFinal = ({ status }: Pick<Receipt, 'status'>): boolean => final.includes(status)
