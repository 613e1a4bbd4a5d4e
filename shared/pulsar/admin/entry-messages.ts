import { unpackBatch } from '../consumer/unpack.ts'
import type { RawEntry } from './raw-entry.ts'

/** One message of an entry that the admin interface answered with. */
export interface StoredMessage {
  /** `ledger:entry`, in a batch with the index there. */
  readonly id: string
  readonly publishTime: Date | undefined
  readonly eventTime: Date | undefined
  readonly producerName: string | undefined
  readonly key: string | undefined
  readonly properties: Readonly<Record<string, string>>
  readonly payload: Uint8Array
}

/**
 * The messages of an entry, one or a batch of them. Pulsar has decompressed the payload whatever
 * `compression` says, but leaves batches as they are; of a batch it gives properties and key of any
 * one message, so they are read from the batch itself.
 */
export function messagesOf(entry: RawEntry): readonly StoredMessage[] {
  const { publishTime, eventTime, producerName, key, properties, payload, batchOf } = entry
  const id = `${entry.id.ledgerId}:${entry.id.entryId}`
  if (batchOf === undefined) {
    return [{ id, publishTime, eventTime, producerName, key, properties, payload }]
  }
  return unpackBatch(payload, batchOf).map(({ index, data, single }) => ({
    id: `${id}:${index}`,
    publishTime,
    eventTime: single.eventTime ? new Date(single.eventTime) : undefined,
    producerName,
    key:
      single.partitionKey !== undefined && single.partitionKeyBase64
        ? Buffer.from(single.partitionKey, 'base64').toString()
        : single.partitionKey,
    properties: Object.fromEntries(Object.entries(single.properties ?? {})),
    payload: data,
  }))
}
