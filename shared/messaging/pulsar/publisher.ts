import { Invalid, Misuse } from '../../kernel/fates.ts'
import { partitionOf } from '../../kernel/murmur3.ts'
import { within } from '../../kernel/within.ts'
import { forbidInTransaction } from '../../postgres/guard.ts'
import type { ProducerMessage } from '../../pulsar/producer/options.ts'
import type { OutgoingMessage, Publisher } from '../port.ts'
import { BrokerAway } from './fates.ts'
import { idText } from './message-ids.ts'
import { Opening } from './opening.ts'
import { PartitionWriter, type WriterOptions } from './partition-writer.ts'
import type { Topics } from './topics.ts'

/** Payload, key and properties together, in bytes: Pulsar's default limit. */
const maxMessageSize = 5 * 1024 * 1024

export interface PulsarPublisherOptions extends Pick<WriterOptions, 'fenced' | 'open'> {
  readonly topics: Topics
  readonly timeoutMs: number
}

type Writers = readonly PartitionWriter[]

/**
 * Picks the partition by Murmur3 of the key, and writes to it with a producer of its own, which is
 * opened when a message first goes there.
 */
export const pulsarPublisher = (options: PulsarPublisherOptions): Publisher => {
  const writers = new Map<string, Opening<Writers>>()
  const unsettled = new Set<Promise<string>>()
  let closing: Promise<void> | undefined

  const writersOf = (topic: string): Opening<Writers> => {
    const opening = writers.get(topic) ?? openingOf(topic, options)
    writers.set(topic, opening)
    return opening
  }

  const closeAll = async () => {
    await Promise.allSettled(unsettled)
    const open = [...writers.values()].flatMap(({ current }) => current ?? [])
    // Also what opens still, for messages that were given up waiting for it.
    await Promise.allSettled(open.map((writer) => writer.close()))
  }

  return {
    async publish(topic, message) {
      forbidInTransaction('a message was published')
      if (closing) throw new Misuse('publisher-closed', 'the publisher is closed')
      refuseTooLarge(message)
      const sent = send(writersOf(topic), message, { topic, timeoutMs: options.timeoutMs })
      unsettled.add(sent)
      try {
        return await sent
      } finally {
        unsettled.delete(sent)
      }
    },
    async hold(topic, partitions) {
      forbidInTransaction('partitions were taken over')
      await writersOf(topic).use((opened) => holdExactly(opened, new Set(partitions)))
    },
    close: () => (closing ??= closeAll()),
  }
}

const openingOf = (topic: string, { topics, fenced, open }: PulsarPublisherOptions) =>
  new Opening(async (): Promise<Writers> => {
    const parts = await topics.parts(topic)
    return parts.map((part) => new PartitionWriter({ part, fenced, open }))
  })

/** Until everything is open, the time a message may take is measured here; then by its producer. */
const send = (
  opening: Opening<Writers>,
  message: OutgoingMessage,
  { topic, timeoutMs }: { readonly topic: string; readonly timeoutMs: number },
): Promise<string> => {
  const open = opening.current
  if (open && writerAt(open, partitionOf(message.key, open.length)).ready)
    return write(open, message)
  let late = false
  let began = false
  const work = opening.use((opened) => {
    if (late) return Promise.reject(tooLate(topic, false))
    began = true
    return write(opened, message)
  })
  return within(timeoutMs, work, () => {
    late = true
    return tooLate(topic, began)
  })
}

const write = async (all: Writers, message: OutgoingMessage): Promise<string> => {
  const partition = partitionOf(message.key, all.length)
  const { messageId } = await writerAt(all, partition).send(outgoing(message))
  return idText(messageId, partition)
}

const writerAt = (all: readonly PartitionWriter[], partition: number): PartitionWriter => {
  const writer = all[partition]
  if (writer) return writer
  throw new Misuse('unknown-partition', `there is no partition ${partition} of ${all.length}`)
}

const holdExactly = async (all: Writers, wanted: ReadonlySet<number>): Promise<void> => {
  const others = all.filter((writer, partition) => writer.begun && !wanted.has(partition))
  await Promise.all(others.map((writer) => writer.giveUp()))
  await Promise.all([...wanted].map((partition) => writerAt(all, partition).hold()))
}

const tooLate = (topic: string, sendBegan: boolean) =>
  new BrokerAway(`${topic}: Pulsar did not store the message in time`, sendBegan)

const outgoing = ({ key, payload, properties, ...rest }: OutgoingMessage): ProducerMessage => ({
  data: payload,
  partitionKey: key,
  properties,
  eventTimestamp: rest.eventTime?.getTime(),
  deliverAt: rest.deliverAt?.getTime(),
})

const refuseTooLarge = ({ key, payload, properties }: OutgoingMessage): void => {
  let bytes = payload.byteLength + key.length
  for (const name in properties) bytes += name.length + (properties[name]?.length ?? 0)
  if (bytes > maxMessageSize)
    throw new Invalid(
      `the message has ${bytes} bytes; at most ${maxMessageSize} are taken`,
      [],
      'message-too-large',
    )
}
