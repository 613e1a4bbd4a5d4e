import { toArrival } from '../../shared/delivery/arrival.ts'
import { appendToLanes, openLane } from '../../shared/delivery/lane-store.ts'
import { type Envelope, toMessage } from '../../shared/messaging/envelope.ts'
import type { ReceivedMessage } from '../../shared/messaging/port.ts'
import type { Database } from '../../shared/postgres/database.ts'

export const receivedFrom = (topic: string, envelope: Envelope): ReceivedMessage => ({
  ...toMessage(envelope),
  properties: toMessage(envelope).properties ?? {},
  id: `broker id of ${envelope.id}`,
  topic,
  partition: 0,
  publishTime: new Date('2026-06-28T16:53:08Z'),
  redeliveryCount: 0,
})

/** Puts messages of one key into a lane that is closed behind the first, or tried again in an hour. */
export const parked = async (
  database: Database,
  subscription: string,
  [head, ...waiting]: readonly [ReceivedMessage, ...ReceivedMessage[]],
  fault: { readonly slug: string; readonly detail: string } | undefined,
): Promise<void> => {
  await database.transaction(async (transaction) => {
    const first = toArrival(head)
    const behind = waiting.map((message) => toArrival(message))
    const lane = { subscription, key: first.key }
    await openLane(transaction, lane, fault ? 'closed' : 'retrying', 3_600_000)
    await appendToLanes(transaction, subscription, [
      { arrival: first, attempts: 3, ...(fault && { fault }), dead: fault !== undefined },
      ...behind.map((arrival) => ({ arrival, attempts: 0 })),
    ])
    await transaction.query(
      'INSERT INTO delivery.inbox (subscription, message_id) SELECT $1, unnest($2::text[])',
      [subscription, [first, ...behind].map(({ id }) => id)],
    )
  })
}
