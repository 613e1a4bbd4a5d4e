import {
  commandTopics,
  deadLetterReader,
  deadLetterTopic,
  eventTopics,
  inTenant,
  outcomesTopic,
  readers,
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
}

/** The topology that follows from the contracts. Throws `Misuse` slug `unmappable-schema`. */
export function desiredTopology({ tenant, partitions }: TopologySize): DesiredTopology {
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
      ...[...commandTopics, ...eventTopics, timersTopic].map((topic) =>
        desiredTopic(topic, tenant, partitions),
      ),
      desiredTopic(outcomesTopic, tenant, 1),
      ...Object.keys(readers).map((subscription) => ({
        ...desiredTopic(deadLetterTopic(subscription), tenant, 1),
        subscriptions: [deadLetterReader],
      })),
    ],
  }
}

const desiredTopic = (topic: string, tenant: string, partitions: number): DesiredTopic => ({
  name: inTenant(topic, tenant),
  partitions,
  subscriptions: Object.entries(readers)
    .filter(([, topics]) => topics.includes(topic))
    .map(([subscription]) => subscription),
  schema: schemaOf(topic),
})
