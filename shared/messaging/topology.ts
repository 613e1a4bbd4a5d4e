import {
  deadLetterReader,
  deadLetterTopic,
  eventTopics,
  type FulfilmentStyle,
  outcomesTopic,
  readersIn,
  subscriptions,
} from '../contracts/topology.ts'
import type { Broker } from './port.ts'

// The tutorial's neighbours speak to a real Pulsar only. Nobody would read for them here, and what
// somebody has yet to read is kept.
const readersHere = (style: FulfilmentStyle) => {
  const { [subscriptions.bridge]: _, ...readers } = readersIn(style)
  return readers
}

/**
 * Creates the topics and durable subscriptions that the embedded broker misses; changes none that is
 * there. Safe to run many times at once. `partitions` counts for topics of commands and events; the
 * outcomes and the dead letters of one subscription have one partition each.
 */
export const ensureTopology = async (
  broker: Broker,
  partitions: number,
  style: FulfilmentStyle = 'orchestration',
): Promise<void> => {
  const readers = readersHere(style)
  await Promise.all(
    [...Object.values(readers).flat(), ...eventTopics].map((topic) =>
      broker.ensureTopic(topic, partitions),
    ),
  )
  await broker.ensureTopic(outcomesTopic, 1)
  for (const [subscription, topics] of Object.entries(readers)) {
    for (const topic of topics) await broker.ensureSubscription(topic, subscription)
    await broker.ensureTopic(deadLetterTopic(subscription), 1)
    await broker.ensureSubscription(deadLetterTopic(subscription), deadLetterReader)
  }
}
