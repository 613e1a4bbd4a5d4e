import type { Database, Queryable, Transaction } from '../postgres/database.ts'
import { discardedCopy } from './dead-letter.ts'
import { laneMessages, lockLane, removeFromLane } from './lane-head.ts'
import type { Lane } from './lane-store.ts'
import { appendOutbox } from './outbox.ts'
import { storableRecord } from './storable.ts'

/** What an operation found: `refused` means that the thing is there, in a state that forbids it. */
export type Outcome = 'done' | 'not-found' | 'refused'

/**
 * Lets a lane run, from its head on, in order, by the next consumer that looks (within seconds): a
 * closed one gets its attempts back, a retrying one is due at once. Never goes through the topic, so
 * nothing overtakes. The head's inbox row tells how often (`epoch`). With `letter`, the id of a dead
 * letter, only while the lane is closed behind that one.
 */
export const redriveLane = (database: Database, lane: Lane, letter?: string): Promise<Outcome> =>
  database.transaction(async (transaction) => {
    if (!(await lockLane(transaction, lane))) return 'not-found'
    const revived = await reviveHead(transaction, lane, letter)
    if (letter !== undefined && !revived) return 'refused'
    await makeDue(transaction, lane)
    return 'done'
  })

/** Lets a retrying lane run now instead of later. A closed one is refused: its dead letter comes first. */
export const retryLane = (database: Database, lane: Lane): Promise<Outcome> =>
  database.transaction(async (transaction) => {
    const state = await lockLane(transaction, lane)
    if (state !== 'retrying') return state ? 'refused' : 'not-found'
    await makeDue(transaction, lane)
    return 'done'
  })

const reviveHead = async (transaction: Transaction, lane: Lane, letter: string | undefined) => {
  const revived = await transaction.query(
    `WITH head AS (
       UPDATE delivery.lane_message SET attempts = 0, dead_at = NULL
       WHERE subscription = $1 AND key = $2 AND dead_at IS NOT NULL
         AND ($3::text IS NULL OR message_id = $3) RETURNING message_id
     ), counted AS (
       UPDATE delivery.inbox i SET epoch = i.epoch + 1 FROM head
       WHERE i.subscription = $1 AND i.message_id = head.message_id
     )
     SELECT message_id FROM head`,
    [lane.subscription, lane.key, letter ?? null],
  )
  return revived.length > 0
}

const makeDue = async (transaction: Transaction, lane: Lane) => {
  await transaction.query(
    `UPDATE delivery.lane SET state = 'retrying', next_attempt_at = now(), retries = 0
     WHERE subscription = $1 AND key = $2`,
    [lane.subscription, lane.key],
  )
}

/** Which dead letter. */
export interface DeadLetterId {
  readonly subscription: string
  readonly messageId: string
}

/** What a dead letter holds. */
export interface Content {
  readonly payload: Uint8Array
  readonly properties: Readonly<Record<string, string>>
}

/**
 * Changes the content of a dead letter, for a redrive to follow. Its id and key stay. With `seen`,
 * refused when it holds anything else by now: whoever edits would undo what somebody else has done.
 */
export const editDeadLetter = (
  database: Database,
  id: DeadLetterId,
  { payload, properties }: Partial<Content>,
  seen?: Content,
): Promise<Outcome> =>
  withDeadLetter(database, id, async (transaction) => {
    const edited = await transaction.query(
      `UPDATE delivery.lane_message SET payload = coalesce(decode($3::text, 'base64'), payload),
         properties = coalesce($4::json, properties)
       WHERE subscription = $1 AND message_id = $2
         AND ($5::text IS NULL OR payload = decode($5::text, 'base64'))
         AND ($6::json IS NULL OR properties::jsonb = $6::jsonb)
       RETURNING message_id`,
      [
        id.subscription,
        id.messageId,
        base64(payload),
        properties ? storableRecord(properties) : null,
        base64(seen?.payload),
        seen?.properties ?? null,
      ],
    )
    return edited.length > 0 ? 'done' : 'refused'
  })

const base64 = (bytes: Uint8Array | undefined) =>
  bytes ? Buffer.from(bytes).toString('base64') : null

/**
 * Gives a dead letter up for good (it stays marked as seen); those behind it run. As it was by then it
 * goes to the topic of dead letters once more, with the reason.
 */
export const discardDeadLetter = (
  database: Database,
  id: DeadLetterId,
  reason = '',
): Promise<Outcome> =>
  withDeadLetter(database, id, async (transaction, lane, position) => {
    const [letter] = await laneMessages(transaction, lane, 1)
    if (letter) await appendOutbox(transaction, [discardedCopy(lane.subscription, letter, reason)])
    await removeFromLane(transaction, lane, [position])
    await makeDue(transaction, lane)
    return 'done'
  })

const withDeadLetter = (
  database: Database,
  { subscription, messageId }: DeadLetterId,
  work: (transaction: Transaction, lane: Lane, position: string) => Promise<Outcome>,
): Promise<Outcome> =>
  database.transaction(async (transaction) => {
    const key = (await place(transaction, subscription, messageId))?.key
    if (key === undefined) return 'not-found'
    const lane = { subscription, key }
    await lockLane(transaction, lane)
    const found = await place(transaction, subscription, messageId)
    if (!found) return 'not-found'
    if (!found.dead) return 'refused'
    return work(transaction, lane, found.position)
  })

const place = async (on: Queryable, subscription: string, messageId: string) => {
  const [row] = await on.query<{ key: string; position: string; dead: boolean }>(
    `SELECT key, position, dead_at IS NOT NULL AS dead FROM delivery.lane_message
     WHERE subscription = $1 AND message_id = $2`,
    [subscription, messageId],
  )
  return row
}
