/**
 * Where a message is stored. `ledgerId` and `entryId` are -1 when the broker dropped the message as a
 * duplicate; `batchIndex` is -1 outside a batch; `partition` is -1 in a topic without partitions.
 */
export interface MessageId {
  readonly ledgerId: number
  readonly entryId: number
  readonly partition: number
  readonly batchIndex: number
  /** How many messages its entry holds; 0 outside a batch. */
  readonly batchSize: number
}

export const messageId = ({
  ledgerId = -1,
  entryId = -1,
  partition = -1,
  batchIndex = -1,
  batchSize = 0,
}: Partial<MessageId>): MessageId => ({ ledgerId, entryId, partition, batchIndex, batchSize })

/** Before every message of a topic. */
export const earliest: MessageId = messageId({})

/** After every message of a topic. */
export const latest: MessageId = messageId({ ledgerId: 2 ** 63, entryId: 2 ** 63 })

/** Negative when `a` was stored before `b` in the same partition, 0 when they are the same. */
export const compareMessageIds = (a: MessageId, b: MessageId): number =>
  a.ledgerId - b.ledgerId || a.entryId - b.entryId || a.batchIndex - b.batchIndex

/** As other clients print it: `ledger:entry:partition[:batchIndex]`. */
export const formatMessageId = (id: MessageId): string =>
  [id.ledgerId, id.entryId, id.partition, ...(id.batchIndex < 0 ? [] : [id.batchIndex])].join(':')
