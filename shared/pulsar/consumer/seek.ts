import { remainingFrom } from './ack-set.ts'
import type { SeekTarget } from './position.ts'

/** What the broker is asked; within a batch what comes before the message counts as acknowledged. */
export const seekRequest = (consumerId: number, target: SeekTarget) => {
  if ('timestamp' in target) return { consumerId, messagePublishTime: target.timestamp }
  const { ledgerId, entryId, batchIndex, batchSize } = target.id
  const ackSet = batchIndex > 0 ? remainingFrom(batchIndex, batchSize) : undefined
  return { consumerId, messageId: { ledgerId, entryId, ackSet } }
}
