import {
  commandTopics,
  deadLetterReader,
  deadLetterTopic,
  eventTopics,
  inTenant,
  outcomesTopic,
  type FulfilmentStyle,
  readersIn,
  timersTopic,
} from '../contracts/topology.ts'
import { schemaOf, type TopicSchema } from '../schemas/topic-schema.ts'
import { contractPolicies, deadLetterPolicies, type Policy } from './policies.ts'

/** What Pulsar has to hold for this system. */
export interface DesiredTopology {
  readonly tenant: string
  readonly namespaces: readonly DesiredNamespace[]
  readonly topics: readonly DesiredTopic[]
}

export interface DesiredNamespace {
  /** `tenant/namespace` */
  readonly name: string
  readonly policies: readonly Policy[]
}

export interface DesiredTopic {
  /** In its tenant. */
  readonly name: string
  readonly partitions: number
  /** Durable ones, which exist before anything is published. */
  readonly subscriptions: readonly string[]
  readonly schema: TopicSchema | undefined
}

export interface TopologySize {
  readonly tenant: string
  /** Of topics of commands and events; outcomes and dead letters have one. */
  readonly partitions: number
  /** Default `orchestration`. */
  readonly fulfilment?: FulfilmentStyle
}

/** The topology that follows from the contracts. Throws `Misuse` slug `unmappable-schema`. */
export function desiredTopology({
  tenant,
  partitions,
  fulfilment = 'orchestration',
}: TopologySize): DesiredTopology {
  const readers = readersIn(fulfilment)
  const topicIn = (topic: string, count: number) =>
    desiredTopic(topic, { tenant, partitions: count, readers })
  const namespace = (name: string, policies: readonly Policy[]) => ({
    name: `${tenant}/${name}`,
    policies,
  })
  return {
    tenant,
    namespaces: [
      namespace('commands', contractPolicies),
      namespace('events', contractPolicies),
      namespace('dead-letters', deadLetterPolicies),
    ],
    topics: [
      ...[...commandTopics, ...eventTopics, timersTopic].map((topic) => topicIn(topic, partitions)),
      topicIn(outcomesTopic, 1),
      ...Object.keys(readers).map((subscription) => ({
        ...topicIn(deadLetterTopic(subscription), 1),
        subscriptions: [deadLetterReader],
      })),
    ],
  }
}

interface Placing {
  readonly tenant: string
  readonly partitions: number
  readonly readers: ReturnType<typeof readersIn>
}

const desiredTopic = (topic: string, { tenant, partitions, readers }: Placing): DesiredTopic => ({
  name: inTenant(topic, tenant),
  partitions,
  subscriptions: Object.entries(readers)
    .filter(([, topics]) => topics.includes(topic))
    .map(([subscription]) => subscription),
  schema: schemaOf(topic),
})
