import type { Broker, Consumer, OutgoingMessage, Publisher, ReceivedMessage } from '../port.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const message = (text: string, key = text): OutgoingMessage => ({
  key,
  payload: encoder.encode(text),
  properties: { name: text },
})

export const textOf = ({ payload }: Pick<ReceivedMessage, 'payload'>): string =>
  decoder.decode(payload)

export const range = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => i)

export const texts = (count: number, prefix = 'm'): readonly string[] =>
  range(count).map((i) => `${prefix}-${i}`)

/** Whether an error is of that kind, for `rejects`. */
export const slug = (wanted: string) => (error: unknown) =>
  error instanceof Error && 'slug' in error && error.slug === wanted

/** Publishes all at once; answers the ids in the order of `all`. */
export const publishAll = (
  publisher: Publisher,
  topic: string,
  all: readonly string[],
  keyOf: (text: string) => string = (text) => text,
): Promise<readonly string[]> =>
  Promise.all(all.map((text) => publisher.publish(topic, message(text, keyOf(text)))))

export interface Reading {
  /** What was received, in order, over all consumers. */
  readonly received: ReceivedMessage[]
  /** Resolves once so many different texts were received, or fails. */
  complete(count: number, deadlineMs?: number): Promise<void>
  /** Ends the reading, not the consumers. */
  stop(): Promise<void>
}

/** Reads with all consumers and acknowledges everything. */
export const readAll = (consumers: readonly Consumer[], batch = 100): Reading => {
  const received: ReceivedMessage[] = []
  const different = new Set<string>()
  const stopping = new AbortController()
  const read = async (consumer: Consumer) => {
    while (!stopping.signal.aborted) {
      const messages = await consumer.receive(batch, stopping.signal).catch(away)
      if (!messages) continue
      // Closed, by who tidies up after a failure.
      if (messages.length === 0) return
      received.push(...messages)
      for (const one of messages) different.add(textOf(one))
      await consumer.acknowledge(messages).catch(away)
    }
  }
  const readers = consumers.map(read)
  return {
    received,
    complete: (count, deadlineMs) =>
      eventually(
        () => different.size >= count,
        () => `${different.size} of ${count}`,
        deadlineMs,
      ),
    async stop() {
      stopping.abort()
      await Promise.all(readers)
    },
  }
}

const away = (error: unknown): undefined => {
  if (slug('broker-unavailable')(error)) return undefined
  throw error
}

/** Reads until `count` messages are there, without acknowledging; for one consumer. */
export const hold = async (consumer: Consumer, count: number): Promise<ReceivedMessage[]> => {
  const held: ReceivedMessage[] = []
  while (held.length < count) {
    const messages = await consumer.receive(count - held.length, AbortSignal.timeout(10_000))
    if (messages.length === 0) throw new Error(`only ${held.length} of ${count} messages came`)
    held.push(...messages)
  }
  return held
}

/** What comes within `ms`; to show that something does not come. */
export const within = (consumer: Consumer, ms: number): Promise<readonly ReceivedMessage[]> =>
  consumer.receive(1000, AbortSignal.timeout(ms))

export const eventually = async (
  question: () => boolean | Promise<boolean>,
  state: () => string,
  deadlineMs = 9000,
): Promise<void> => {
  const deadline = performance.now() + deadlineMs
  while (!(await question())) {
    if (performance.now() > deadline) throw new Error(`not within ${deadlineMs} ms: ${state()}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Resolves when exactly these subscriptions of a topic are there, with nothing left to read. */
export const read = async (
  broker: Broker,
  topic: string,
  subscriptions: readonly string[],
): Promise<void> => {
  let found = ''
  await eventually(
    async () => {
      found = JSON.stringify((await broker.stats(topic)).subscriptions)
      return found === JSON.stringify(subscriptions.map((name) => ({ name, backlog: 0 })))
    },
    () => found,
  )
}

/** The texts of each key in the order of first receipt. */
export const byKey = (received: readonly ReceivedMessage[]): Record<string, string[]> => {
  const keys: Record<string, string[]> = {}
  const seen = new Set<string>()
  for (const one of received) {
    if (seen.has(one.id)) continue
    seen.add(one.id)
    const list = (keys[one.key] ??= [])
    list.push(textOf(one))
  }
  return keys
}
