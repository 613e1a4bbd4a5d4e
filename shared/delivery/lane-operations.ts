import type { Database, Queryable, Transaction } from '../postgres/database.ts'
import { lockLane, removeFromLane } from './lane-head.ts'
import type { Lane } from './lane-store.ts'
import { storableRecord } from './storable.ts'

/** What an operation found: `refused` means that the thing is there, in a state that forbids it. */
export type Outcome = 'done' | 'not-found' | 'refused'

/**
 * Lets a lane run, from its head on, in order, by the next consumer that looks (within seconds): a
 * closed one gets its attempts back, a retrying one is due at once. Never goes through the topic, so
 * nothing overtakes. The head's inbox row tells how often (`epoch`).
 */
export const redriveLane = (database: Database, lane: Lane): Promise<Outcome> =>
  database.transaction(async (transaction) => {
    const state = await lockLane(transaction, lane)
    if (!state) return 'not-found'
    if (state === 'closed') await reviveHead(transaction, lane)
    await makeDue(transaction, lane)
    return 'done'
  })

const reviveHead = async (transaction: Transaction, lane: Lane) => {
  await transaction.query(
    `WITH head AS (
       UPDATE delivery.lane_message SET attempts = 0, dead_at = NULL
       WHERE subscription = $1 AND key = $2 AND dead_at IS NOT NULL RETURNING message_id
     )
     UPDATE delivery.inbox i SET epoch = i.epoch + 1 FROM head
     WHERE i.subscription = $1 AND i.message_id = head.message_id`,
    [lane.subscription, lane.key],
  )
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

/** Changes the content of a dead letter, for a redrive to follow. Its id and key stay. */
export const editDeadLetter = (
  database: Database,
  id: DeadLetterId,
  change: {
    readonly payload?: Uint8Array
    readonly properties?: Readonly<Record<string, string>>
  },
): Promise<Outcome> =>
  withDeadLetter(database, id, async (transaction) => {
    const { payload, properties } = change
    await transaction.query(
      `UPDATE delivery.lane_message SET payload = coalesce(decode($3::text, 'base64'), payload),
         properties = coalesce($4::json, properties)
       WHERE subscription = $1 AND message_id = $2`,
      [
        id.subscription,
        id.messageId,
        payload ? Buffer.from(payload).toString('base64') : null,
        properties ? storableRecord(properties) : null,
      ],
    )
  })

/** Gives a dead letter up for good (it stays marked as seen); those behind it run. */
export const discardDeadLetter = (database: Database, id: DeadLetterId): Promise<Outcome> =>
  withDeadLetter(database, id, async (transaction, lane, position) => {
    await removeFromLane(transaction, lane, [position])
    await makeDue(transaction, lane)
  })

const withDeadLetter = (
  database: Database,
  { subscription, messageId }: DeadLetterId,
  work: (transaction: Transaction, lane: Lane, position: string) => Promise<void>,
): Promise<Outcome> =>
  database.transaction(async (transaction) => {
    const key = (await place(transaction, subscription, messageId))?.key
    if (key === undefined) return 'not-found'
    const lane = { subscription, key }
    await lockLane(transaction, lane)
    const found = await place(transaction, subscription, messageId)
    if (!found) return 'not-found'
    if (!found.dead) return 'refused'
    await work(transaction, lane, found.position)
    return 'done'
  })

const place = async (on: Queryable, subscription: string, messageId: string) => {
  const [row] = await on.query<{ key: string; position: string; dead: boolean }>(
    `SELECT key, position, dead_at IS NOT NULL AS dead FROM delivery.lane_message
     WHERE subscription = $1 AND message_id = $2`,
    [subscription, messageId],
  )
  return row
}
