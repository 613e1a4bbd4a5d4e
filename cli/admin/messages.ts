import { isUtf8 } from 'node:buffer'
import type { PulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import { messagesOf, type StoredMessage } from '../../shared/pulsar/admin/entry-messages.ts'
import { PulsarAdminError } from '../../shared/pulsar/admin/errors.ts'
import type { View } from './view.ts'

/** A message as it is written out: `data` where the payload is text, `base64` where it is not. */
interface ShownMessage {
  readonly messageId: string
  readonly publishTime: string | null
  readonly eventTime: string | null
  readonly producerName: string | null
  readonly key: string | null
  readonly properties: Readonly<Record<string, string>>
  readonly data?: string
  readonly base64?: string
}

export const shownMessages = (messages: readonly StoredMessage[]): readonly ShownMessage[] =>
  messages.map(({ id, publishTime, eventTime, producerName, key, properties, payload }) => ({
    messageId: id,
    publishTime: publishTime?.toISOString() ?? null,
    eventTime: eventTime?.toISOString() ?? null,
    producerName: producerName ?? null,
    key: key ?? null,
    properties,
    ...(isUtf8(payload)
      ? { data: Buffer.from(payload).toString() }
      : { base64: Buffer.from(payload).toString('base64') }),
  }))

/** Whole payloads: whoever looks at a message wants to read it. */
export const messageView = (messages: readonly ShownMessage[]): View =>
  messages.length === 0 ? '(none)' : messages.map(paragraph).join('\n\n')

function paragraph({ properties, data, base64, ...rest }: ShownMessage): string {
  const lines = [
    ...Object.entries(rest).filter(([, value]) => value !== null),
    ...Object.entries(properties),
  ].map(([name, value]) => `${name}: ${value}`)
  return [...lines, data ?? `base64: ${base64}`].join('\n')
}

/**
 * The next messages that wait for a subscription; of a partitioned topic the oldest of all its
 * partitions. None of a subscription that does not exist. Those of a batch that were acknowledged one by one are still among them.
 */
export async function peek(
  admin: PulsarAdmin,
  topic: string,
  subscription: string,
  count: number,
): Promise<readonly ShownMessage[]> {
  const partitions = await partitionsOf(admin, topic)
  const parts = partitions.length === 0 ? [topic] : partitions
  const waiting = await Promise.all(parts.map((part) => peekPart(admin, part, subscription, count)))
  const inOrder = waiting.flat().toSorted((one, other) => time(one) - time(other))
  return shownMessages(inOrder.slice(0, count))
}

const time = ({ publishTime }: StoredMessage) => publishTime?.getTime() ?? 0

/** Names of its partitions; none when it is not partitioned. */
export async function partitionsOf(admin: PulsarAdmin, topic: string): Promise<readonly string[]> {
  // Pulsar does not know of a single partition how many it has.
  const length = /-partition-\d+$/.test(topic) ? 0 : await admin.topics.partitions(topic)
  return Array.from({ length }, (_, index) => `${topic}-partition-${index}`)
}

async function peekPart(admin: PulsarAdmin, topic: string, subscription: string, count: number) {
  const messages: StoredMessage[] = []
  for (let position = 1; messages.length < count; position += 1) {
    const entry = await admin.subscriptions.peek(topic, subscription, position).catch(endOf)
    if (!entry) return messages
    messages.push(...messagesOf(entry))
  }
  return messages
}

/** Pulsar says so of a subscription that is not there, too. */
function endOf(error: unknown): undefined {
  if (!(error instanceof PulsarAdminError) || error.kind !== 'not-found') throw error
}
