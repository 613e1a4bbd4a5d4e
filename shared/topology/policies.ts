import { retentionMs } from '../delivery/retention.ts'
import type { PulsarAdmin } from '../pulsar/admin/admin.ts'
import type { NamespacePolicies } from '../pulsar/admin/namespaces.ts'

/** One policy of a namespace: what it has to be, what it is, how it becomes so. */
export interface Policy {
  readonly name: string
  /** Compared by its parts; also shown. */
  readonly wanted: PolicyValue
  readonly read: (policies: NamespacePolicies) => PolicyValue | undefined
  readonly set: (admin: PulsarAdmin, namespace: string) => Promise<void>
}

export type PolicyValue = boolean | number | string | { readonly [part: string]: PolicyValue }

type Namespaces = PulsarAdmin['namespaces']

const policy = <Value extends PolicyValue>(
  name: string,
  wanted: Value,
  read: (policies: NamespacePolicies) => PolicyValue | undefined,
  set: (namespaces: Namespaces, namespace: string, wanted: Value) => Promise<void>,
): Policy => ({
  name,
  wanted,
  read,
  set: ({ namespaces }, namespace) => set(namespaces, namespace, wanted),
})

/**
 * Inbox rows live as long as this, and commands that are older are never executed. By time alone: a
 * limit in size would drop what a new subscription has to read.
 */
const retention = policy(
  'retention',
  { retentionTimeInMinutes: retentionMs / 60_000, retentionSizeInMB: -1 },
  ({ retention_policies: found }) =>
    found && {
      retentionTimeInMinutes: found.retentionTimeInMinutes,
      retentionSizeInMB: found.retentionSizeInMB,
    },
  (namespaces, namespace, wanted) => namespaces.setRetention(namespace, wanted),
)

/** What waits to be read waits without end, whatever the broker's defaults are. */
const timeToLive = policy(
  'message time to live',
  0,
  ({ message_ttl_in_seconds: found }) => found,
  (namespaces, namespace, wanted) => namespaces.setMessageTtl(namespace, wanted),
)

/** A role that is stopped for long finds its place again. */
const subscriptionExpiration = policy(
  'subscription expiration',
  0,
  ({ subscription_expiration_time_minutes: found }) => found,
  (namespaces, namespace, wanted) => namespaces.setSubscriptionExpiration(namespace, wanted),
)

/** No topic is made by a typing error, with one partition and nobody who reads it. */
const autoTopicCreation = policy(
  'automatic topics',
  { allowAutoTopicCreation: false },
  ({ autoTopicCreationOverride: found }) =>
    found && { allowAutoTopicCreation: found.allowAutoTopicCreation },
  (namespaces, namespace) =>
    namespaces.setAutoTopicCreation(namespace, { allowAutoTopicCreation: false }),
)

/** Nor does one vanish while nobody is connected. */
const inactiveTopics = policy(
  'inactive topics',
  {
    deleteWhileInactive: false,
    inactiveTopicDeleteMode: 'delete_when_no_subscriptions',
    maxInactiveDurationSeconds: 60,
  } as const,
  ({ inactive_topic_policies: found }) => found && { ...found },
  (namespaces, namespace, wanted) => namespaces.setInactiveTopics(namespace, wanted),
)

/** Off: the inbox drops what comes twice, also what deduplication cannot know. See docs/decisions/0021. */
const deduplication = policy(
  'deduplication',
  false,
  ({ deduplicationEnabled: found }) => found,
  (namespaces, namespace, wanted) => namespaces.setDeduplication(namespace, wanted),
)

/** Of one partition, in bytes. Who publishes beyond it is told so and keeps the message: nothing is evicted. */
const backlogQuota = (limitSize: number) =>
  policy(
    'backlog quota',
    { limitSize, policy: 'producer_exception' } as const,
    ({ backlog_quota_map: { destination_storage: found } }) =>
      found && { limitSize: found.limitSize ?? -1, policy: found.policy },
    (namespaces, namespace, wanted) =>
      namespaces.setBacklogQuota(namespace, 'destination_storage', wanted),
  )

/** Old readers have to read new messages: with the records that are registered, no field may go. */
const schemaCompatibility = policy(
  'schema compatibility',
  'FORWARD' as const,
  ({ schema_compatibility_strategy: found }) => found,
  (namespaces, namespace, wanted) => namespaces.setSchemaCompatibilityStrategy(namespace, wanted),
)

/** Schemas come from the contracts alone, and by an order. */
const schemaAutoUpdate = policy(
  'schemas from producers',
  false,
  ({ is_allow_auto_update_schema: found }) => found,
  (namespaces, namespace, wanted) => namespaces.setAutoUpdateSchema(namespace, wanted),
)

const lasting: readonly Policy[] = [
  retention,
  timeToLive,
  subscriptionExpiration,
  autoTopicCreation,
  inactiveTopics,
  deduplication,
]

/** For topics of commands and events. */
export const contractPolicies: readonly Policy[] = [
  ...lasting,
  backlogQuota(10 * 1024 ** 3),
  schemaCompatibility,
  schemaAutoUpdate,
]

/** Dead letters wait for people, however many there are, and look like anything. */
export const deadLetterPolicies: readonly Policy[] = [...lasting, backlogQuota(-1)]
