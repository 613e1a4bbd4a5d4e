import type { z } from 'zod'
import { CommandFinished, type ReceiptProblem } from '../shared/contracts/receipts.ts'
import { storable } from '../shared/delivery/storable.ts'
import type { OutboxEntry } from '../shared/delivery/outbox.ts'
import { derivedId } from '../shared/kernel/ids.ts'
import type { Envelope } from '../shared/messaging/envelope.ts'
import type { Queryable, Transaction } from '../shared/postgres/database.ts'
import { rowSet } from '../shared/postgres/row-set.ts'
import { readReceipt } from '../shared/receipts/read-receipt.ts'
import { tracing } from './event-log.ts'

/** A receipt, with who sent the command. */
export type OwnedReceipt = z.output<typeof CommandFinished.schema>

/** Why not, in the form of RFC 9457. */
export const problemOf = (slug: string, detail: string): ReceiptProblem => ({
  type: `urn:aeroalpes:problem:${slug}`,
  title: `${slug.charAt(0).toUpperCase()}${slug.slice(1).replaceAll('-', ' ')}`,
  detail: storable(detail),
})

/** The receipt of a command that has just arrived; the other fields say what became of it. */
export const receiptOf = (
  { id, type, subject, owner, time }: Envelope,
  rest: Omit<OwnedReceipt, 'command_id' | 'type' | 'id' | 'owner' | 'submitted_at'>,
): OwnedReceipt => ({
  command_id: storable(id),
  type: storable(type),
  id: storable(subject),
  owner: owner === undefined ? null : storable(owner),
  submitted_at: submittedAt(time),
  ...rest,
})

// A neighbour's clock format must not cost its command the receipt.
const submittedAt = (time: string) => {
  const date = new Date(time)
  return (Number.isNaN(date.getTime()) ? new Date() : date).toISOString()
}

const saved = rowSet({
  command_id: 'text',
  type: 'text',
  id: 'text',
  owner: 'text',
  status: 'text',
  version: 'integer',
  submitted_at: 'timestamptz',
  finished_at: 'timestamptz',
  attempts: 'integer',
  events: 'json',
  problem: 'json',
})

const save = `
  INSERT INTO uow.receipt (command_id, type, target_id, owner, status, version, submitted_at,
    finished_at, attempts, events, problem)
  SELECT ${saved.columns} FROM ${saved.from('r')}
  ORDER BY command_id
  ON CONFLICT (command_id) DO UPDATE SET status = EXCLUDED.status, version = EXCLUDED.version,
    finished_at = EXCLUDED.finished_at, attempts = EXCLUDED.attempts, events = EXCLUDED.events,
    problem = EXCLUDED.problem`

/** Writes receipts in one statement; what a command has become replaces what it was before. */
export const saveReceipts = async (
  transaction: Transaction,
  receipts: readonly OwnedReceipt[],
): Promise<void> => {
  if (receipts.length > 0) await transaction.query(save, saved.parameters(receipts))
}

const open = `
  INSERT INTO uow.receipt (command_id, type, target_id, owner, status, submitted_at, attempts, events)
  VALUES ($1, $2, $3, $4, 'accepted', $5::timestamptz, 0, '[]') ON CONFLICT DO NOTHING RETURNING 1`

/**
 * Makes the receipt of a command that begins now; answers the one that is there instead, if any.
 * Waits for a transaction that is about to make the same one.
 */
export const openReceipt = async (
  transaction: Transaction,
  command: Envelope,
): Promise<OwnedReceipt | undefined> => {
  const { command_id, type, id, owner, submitted_at } = receiptOf(command, nothingYet)
  const opened = await transaction.query(open, [command_id, type, id, owner, submitted_at])
  if (opened.length > 0) return undefined
  return readReceipt(transaction, command_id)
}

const nothingYet = {
  status: 'accepted',
  version: null,
  finished_at: null,
  attempts: 0,
  events: [] as OwnedReceipt['events'],
  problem: null,
} as const

/**
 * Tells everybody who waits for the command. The id is the same for the same end of the same run. Of
 * one that this system has sent itself, because of an event, nothing is told as long as all goes well:
 * nobody was given its id to wait with, and they are most of the commands that an order takes.
 */
export const finished = (
  command: Envelope,
  receipt: OwnedReceipt,
  now: Date,
): readonly OutboxEntry[] =>
  receipt.status === 'completed' && isOurOwn(command) ? [] : [outcomeOf(command, receipt, now)]

const isOurOwn = ({ causationId, source }: Envelope) =>
  causationId !== undefined && /^(\/|urn:)aeroalpes[/:]/.test(source)

const outcomeOf = (command: Envelope, receipt: OwnedReceipt, now: Date): OutboxEntry => ({
  topic: CommandFinished.topic,
  envelope: {
    id: derivedId(command.id, 'finished', receipt.status, String(receipt.attempts)),
    type: CommandFinished.type,
    source: '/aeroalpes/outcomes',
    time: now.toISOString(),
    subject: receipt.command_id,
    data: receipt,
    correlationId: command.correlationId,
    causationId: command.id,
    ...tracing(command),
  },
})

const purge = `
  DELETE FROM uow.receipt WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM uow.receipt
    WHERE submitted_at < $1::timestamptz AND status <> 'accepted' ORDER BY submitted_at LIMIT $2::integer))`

/** Receipts are kept this long; afterwards their address answers 410. */
const receiptDays = 30

/**
 * Deletes finished receipts older than 30 days, at most `limit` at once so that no lock is held long;
 * true when there may be more. A command that still waits keeps its receipt.
 */
export const purgeReceipts = async (on: Queryable, now: Date, limit = 5000): Promise<boolean> => {
  const oldest = new Date(now.getTime() - receiptDays * 86_400_000)
  const deleted = await on.query<{ n: number }>(
    `WITH gone AS (${purge} RETURNING 1)
    SELECT count(*)::integer AS n FROM gone`,
    [oldest, limit],
  )
  return deleted[0]?.n === limit
}
