import { Transient } from '../../shared/kernel/fates.ts'
import type {
  Broker,
  Consumer,
  OutgoingMessage,
  ReceivedMessage,
} from '../../shared/messaging/port.ts'

export interface Published extends OutgoingMessage {
  readonly topic: string
}

/** A broker whose deliveries, outages and acknowledgements the test decides and sees. */
export interface ScriptedBroker extends Pick<Broker, 'subscribe' | 'publisher'> {
  readonly published: Published[]
  readonly acknowledged: string[]
  /** Hands these to the consumer, in one receive if they fit. */
  deliver(messages: readonly ReceivedMessage[]): void
  /** Resolves when every id is acknowledged. */
  acknowledgedAll(ids: readonly string[]): Promise<void>
  /** Resolves when so many messages were published. */
  publishedCount(count: number): Promise<void>
  away: boolean
}

export const scriptedBroker = (): ScriptedBroker => {
  const waiting: ReceivedMessage[] = []
  const { changed, until } = watchers()
  const answer = () => {
    if (broker.away) throw new Transient('broker-unavailable', 'the scripted broker is away')
  }
  const consumer: Consumer = {
    async receive(max, signal) {
      answer()
      await until(() => waiting.length > 0, signal)
      return signal?.aborted ? [] : waiting.splice(0, max)
    },
    async acknowledge(messages) {
      answer()
      broker.acknowledged.push(...messages.map((message) => message.id))
      changed()
    },
    async negativeAcknowledge() {
      throw new Error('a nack breaks the order of a key')
    },
    async seek() {},
    async close() {},
  }
  const broker: ScriptedBroker = {
    published: [],
    acknowledged: [],
    away: false,
    deliver(messages) {
      waiting.push(...messages)
      changed()
    },
    acknowledgedAll: (ids) => until(() => ids.every((id) => broker.acknowledged.includes(id))),
    publishedCount: (count) => until(() => broker.published.length >= count),
    async subscribe() {
      answer()
      return consumer
    },
    publisher: () => ({
      async publish(topic, message) {
        answer()
        broker.published.push({ ...message, topic })
        changed()
        return String(broker.published.length)
      },
      async close() {},
    }),
  }
  return broker
}

const watchers = () => {
  const looking = new Set<() => void>()
  return {
    changed: () => [...looking].forEach((look) => look()),
    until: (condition: () => boolean, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (!condition() && !signal?.aborted) return
          looking.delete(look)
          resolve()
        }
        looking.add(look)
        signal?.addEventListener('abort', look, { once: true })
        look()
      }),
  }
}
