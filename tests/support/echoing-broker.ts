import type { Broker, ReceivedMessage } from '../../shared/messaging/port.ts'
import { shuffledInWindows } from './shuffle.ts'

export interface Heard {
  /** Ids of messages, each once. */
  readonly ids: Set<string>
  /** Ids that the broker itself gave them: two for one message that was published twice. */
  readonly places: Set<string>
  /** How many were handed out, repetitions counted. */
  handed: number
}

/**
 * A broker that hands everything out twice at once, and once more with what comes next, and has kept
 * in `heard` what each subscription was given. Where no order is relied on it shuffles, too; elsewhere
 * it keeps the order of each key and topic, and no other.
 */
export const echoingBroker = (broker: Broker, isShuffled: (subscription: string) => boolean) => {
  const heard = new Map<string, Heard>()
  const echoing: Broker = {
    ...broker,
    async subscribe(options) {
      const { subscription } = options
      const consumer = await broker.subscribe(options)
      const all: Heard = { ids: new Set(), places: new Set(), handed: 0 }
      heard.set(subscription, all)
      let before: readonly ReceivedMessage[] = []
      return {
        acknowledge: (messages) => consumer.acknowledge(messages),
        negativeAcknowledge: (messages) => consumer.negativeAcknowledge(messages),
        seek: (position) => consumer.seek(position),
        close: () => consumer.close(),
        async receive(max, signal) {
          const fresh = await consumer.receive(Math.ceil(max / 4), signal)
          if (fresh.length === 0) return fresh
          const given = [...before, ...fresh, ...fresh]
          before = fresh
          for (const { id, topic, properties } of fresh) {
            all.ids.add(properties['ce_id'] ?? '')
            all.places.add(`${topic} ${id}`)
          }
          all.handed += given.length
          if (isShuffled(subscription)) return shuffledInWindows(given, 50, all.handed)
          const topics = [...Map.groupBy(given, ({ topic }) => topic).values()]
          return shuffledInWindows(topics, 50, all.handed).flat()
        },
      }
    },
  }
  return { broker: echoing, heard }
}
