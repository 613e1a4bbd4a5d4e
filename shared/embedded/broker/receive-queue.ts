import type { ReceivedMessage } from '../../messaging/port.ts'
import { type ReceiveQueue, receiveQueue as receiveQueueOf } from '../../messaging/receive-queue.ts'
import { brokerAway } from './statements.ts'

/** The waiting side of a consumer of this broker. */
export const receiveQueue = (take: (max: number) => readonly ReceivedMessage[]): ReceiveQueue =>
  receiveQueueOf(take, brokerAway)

/**
 * Waits for a consumer to begin; one that cannot leaves nothing behind. Not even a row whose making got
 * no answer: the others would leave its share of the partitions to it.
 */
export const beginning = async (
  begun: Promise<void>,
  close: () => Promise<void>,
): Promise<void> => {
  try {
    await begun
  } catch (error) {
    await close()
    throw error
  }
}
