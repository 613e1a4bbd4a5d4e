import type { MessageId } from './message-id.ts'

/** One stored entry as it lies in the topic, decrypted and decompressed by nobody. */
export interface RawEntry {
  readonly id: MessageId
  readonly publishTime: Date | undefined
  readonly eventTime: Date | undefined
  readonly producerName: string | undefined
  readonly key: string | undefined
  /** Only ASCII survives the header that carries them; read the message itself where that matters. */
  readonly properties: Readonly<Record<string, string>>
  /** Undefined: the payload is one message. A number: the payload is a batch of so many. */
  readonly batchOf: number | undefined
  /** `NONE`, or how the payload is compressed. */
  readonly compression: string
  readonly payload: Uint8Array
}

/** Pulsar answers with the payload as body and the metadata in headers of its own. */
export async function rawEntry(answer: Response): Promise<RawEntry> {
  const header = (name: string) => answer.headers.get(`x-pulsar-${name}`) ?? undefined
  const batchOf = header('num-batch-message')
  const base64 = header('partition-key-b64-encoded') === 'true'
  const key = header('partition-key')
  return {
    id: messageIdIn(header('message-id') ?? ''),
    publishTime: timeIn(header('publish-time')),
    eventTime: timeIn(header('event-time')),
    producerName: header('producer-name'),
    key: key !== undefined && base64 ? Buffer.from(key, 'base64').toString() : key,
    properties: JSON.parse(header('property') ?? '{}') as Record<string, string>,
    batchOf: batchOf === undefined ? undefined : Number(batchOf),
    compression: header('compression') ?? 'NONE',
    payload: new Uint8Array(await answer.arrayBuffer()),
  }
}

const timeIn = (text: string | undefined) => (text === undefined ? undefined : new Date(text))

/** `ledger:entry`, `ledger:entry:partition` or, in a batch, `ledger:entry:partition:batch index`. */
function messageIdIn(text: string): MessageId {
  const [ledgerId = -1, entryId = -1, partitionIndex = -1, batchIndex = -1] = text
    .split(':')
    .map(Number)
  return { ledgerId, entryId, partitionIndex, batchIndex }
}
