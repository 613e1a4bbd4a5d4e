import { Invalid } from '../../kernel/fates.ts'
import { type MessageId, messageId } from '../../pulsar/message-id.ts'
import type { Position } from './driver.ts'

/**
 * The port's text for where a message lies: `ledger:entry:partition`, within a batch also
 * `:index:size`, which a seek into the middle of it needs. A topic without partitions has partition 0.
 */
export const idText = (
  { ledgerId, entryId, batchIndex, batchSize }: MessageId,
  partition: number,
): string => {
  const entry = `${ledgerId}:${entryId}:${partition}`
  return batchIndex < 0 ? entry : `${entry}:${batchIndex}:${batchSize}`
}

export interface Place {
  readonly partition: number
  readonly id: MessageId
}

/** Reads what `idText` wrote. Throws `Invalid` slug `invalid-message-id`. */
export const placeOf = (text: string): Place => {
  const parts = text.split(':').map(Number)
  const [ledgerId = -1, entryId = -1, partition = -1, batchIndex = -1, batchSize = 0] = parts
  const known = parts.every((part) => Number.isSafeInteger(part) && part >= 0)
  if (!known || (parts.length !== 3 && parts.length !== 5))
    throw new Invalid(`not a message id of Pulsar: ${text}`, [], 'invalid-message-id')
  return { partition, id: messageId({ ledgerId, entryId, batchIndex, batchSize }) }
}

/** Whether a seek there moves this partition. Throws as `placeOf`. */
export const concerns = ({ partition }: { readonly partition: number }, position: Position) =>
  typeof position === 'string' || 'time' in position || placeOf(position.id).partition === partition
