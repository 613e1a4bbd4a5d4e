import { Invalid, Misuse } from '../../kernel/fates.ts'
import { within } from '../../kernel/within.ts'
import type { OutgoingMessage, Publisher } from '../../messaging/port.ts'
import { forbidInTransaction } from '../../postgres/guard.ts'
import type { Pending } from './publish-batch.ts'
import { type PublishQueue, PublishTimeout } from './publish-queue.ts'
import type { Topic, Topics } from './topics.ts'

/** Payload, key and properties together, in bytes; Pulsar's default limit. */
const maxMessageSize = 5 * 1024 * 1024

export interface PublisherOptions {
  readonly topics: Topics
  readonly queue: PublishQueue
  readonly timeoutMs: number
}

/** A publisher on the queue of its process. */
export const embeddedPublisher = ({ topics, queue, timeoutMs }: PublisherOptions): Publisher => {
  const open = new Set<Promise<string>>()
  let closing: Promise<void> | undefined
  // Messages wait here in order of the calls until their topic is known, which is once.
  const lookups = new Map<string, Promise<Topic>>()

  const enqueue = (topic: Topic, message: OutgoingMessage, bytes: number, deadline: number) =>
    new Promise<string>((resolve, reject) => {
      const pending: Pending = {
        topic,
        message,
        bytes,
        deadline,
        sendBegan: false,
        settled: false,
        resolve,
        reject,
      }
      queue.add(pending)
    })

  const lookUp = (name: string, deadline: number): Promise<Topic> => {
    let lookup = lookups.get(name)
    if (!lookup) {
      lookup = topics.find(name).finally(() => lookups.delete(name))
      lookups.set(name, lookup)
    }
    return within(deadline - performance.now(), lookup, () => new PublishTimeout(false))
  }

  const send = (name: string, message: OutgoingMessage, bytes: number): Promise<string> => {
    const deadline = performance.now() + timeoutMs
    const topic = topics.known(name)
    if (topic && !lookups.has(name)) return enqueue(topic, message, bytes, deadline)
    return lookUp(name, deadline).then((found) => enqueue(found, message, bytes, deadline))
  }

  return {
    async publish(topic, message) {
      forbidInTransaction('a message was published')
      if (closing) throw new Misuse('publisher-closed', 'the publisher is closed')
      const sent = send(topic, message, measure(message))
      open.add(sent)
      try {
        return await sent
      } finally {
        open.delete(sent)
      }
    },
    close() {
      closing ??= Promise.allSettled(open).then(() => undefined)
      return closing
    },
  }
}

/** The size of a message. Throws `Invalid` slugs `message-too-large` and `message-refused`. */
const measure = ({ key, payload, properties }: OutgoingMessage): number => {
  if (key.includes('\0'))
    throw new Invalid('a message key cannot hold the character NUL', [], 'message-refused')
  let bytes = payload.byteLength + key.length
  for (const name in properties) bytes += name.length + (properties[name]?.length ?? 0)
  if (bytes > maxMessageSize)
    throw new Invalid(
      `the message has ${bytes} bytes; at most ${maxMessageSize} are taken`,
      [],
      'message-too-large',
    )
  return bytes
}
