import { PulsarError } from '../errors.ts'
import type { MessageId } from '../message-id.ts'
import { remainingFrom } from './ack-set.ts'
import type { SeekTarget } from './position.ts'
import type { TopicConsumer } from './topic-consumer.ts'

/** What the broker is asked; within a batch what comes before the message counts as acknowledged. */
export const seekRequest = (consumerId: number, target: SeekTarget) => {
  if ('timestamp' in target) return { consumerId, messagePublishTime: target.timestamp }
  const { ledgerId, entryId, batchIndex, batchSize } = target.id
  const ackSet = batchIndex > 0 ? remainingFrom(batchIndex, batchSize) : undefined
  return { consumerId, messageId: { ledgerId, entryId, ackSet } }
}

/**
 * Seeks in the partition of the id; everywhere for `earliest` and `latest`, which are of none.
 * @throws PulsarError `invalid-argument` when more than one topic could be meant
 */
export const seekAll = async (parts: readonly TopicConsumer[], id: MessageId): Promise<void> => {
  const anywhere = id.ledgerId < 0 || id.ledgerId >= 2 ** 62
  const meant = parts.filter(({ partition }) => partition === id.partition)
  if (!anywhere && parts.length > 1 && meant.length !== 1) throw ambiguous()
  const where = anywhere || parts.length === 1 ? parts : meant
  await Promise.all(where.map((part) => part.seek({ id })))
}

const ambiguous = () =>
  new PulsarError(
    'invalid-argument',
    'The id could be of several topics; seek to a message received, or to a time.',
  )
