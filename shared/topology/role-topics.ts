import {
  commandTopics,
  deadLetterTopic,
  eventTopics,
  inTenant,
  outcomesTopic,
  readers,
  timersTopic,
  type Subscription,
} from '../contracts/topology.ts'
import { CreateReservation } from '../contracts/reservations.ts'
import type { RoleName } from '../runtime/role.ts'
import type { DesiredTopic, DesiredTopology } from './desired.ts'

/** What a role cannot work without. */
interface RoleTopics {
  readonly publishes?: readonly string[]
  /** Without a subscription that has to be there before. */
  readonly follows?: readonly string[]
  readonly subscriptions?: readonly Subscription[]
}

const deadLetters = Object.keys(readers).map(deadLetterTopic)

const topicsOfRole = {
  'tutorial-api': {},
  'command-api': { publishes: commandTopics, follows: [outcomesTopic] },
  'query-api': { follows: [outcomesTopic] },
  'command-worker': { subscriptions: ['command-worker', 'payment-gateway'] },
  relay: {
    publishes: [...commandTopics, ...eventTopics, timersTopic, outcomesTopic, ...deadLetters],
  },
  'process-manager': { subscriptions: ['process-manager'] },
  'reactor.inventory': { subscriptions: ['reactor.inventory'] },
  'reactor.payments': { subscriptions: ['reactor.payments'] },
  'reactor.shipping': { subscriptions: ['reactor.shipping'] },
  'reactor.orders': { subscriptions: ['reactor.orders'] },
  projector: { subscriptions: ['projector', 'search-indexer'] },
  notifier: { subscriptions: ['notifier'] },
  'tutorial-bridge': {
    publishes: [CreateReservation.topic, deadLetterTopic('tutorial-bridge')],
    subscriptions: ['tutorial-bridge'],
  },
} as const satisfies Readonly<Record<RoleName, RoleTopics>>

export interface NeededTopic {
  /** With the subscriptions of these roles alone. */
  readonly topic: DesiredTopic
  readonly isRead: boolean
  readonly isPublished: boolean
}

export function topicsOfRoles(
  { tenant, topics }: DesiredTopology,
  roles: readonly RoleName[],
): readonly NeededTopic[] {
  const needs: readonly RoleTopics[] = roles.map((role) => topicsOfRole[role])
  const named = (names: readonly string[]) => new Set(names.map((name) => inTenant(name, tenant)))
  const published = named(needs.flatMap(({ publishes = [] }) => publishes))
  const theirs = new Set<string>(needs.flatMap(({ subscriptions = [] }) => subscriptions))
  const read = named([
    ...needs.flatMap(({ follows = [] }) => follows),
    ...needs.flatMap(({ subscriptions = [] }) => subscriptions.flatMap((name) => readers[name])),
  ])
  return topics
    .map((topic) => ({
      topic: { ...topic, subscriptions: topic.subscriptions.filter((name) => theirs.has(name)) },
      isRead: read.has(topic.name),
      isPublished: published.has(topic.name),
    }))
    .filter(({ isRead, isPublished }) => isRead || isPublished)
}
