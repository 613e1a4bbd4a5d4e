import { type AdminHttp, path } from './http.ts'
import { namespacePath } from './names.ts'
import { type InactiveTopics, lifetimes } from './namespace-lifetimes.ts'
import { allTopics, storedPolicies } from './namespace-policies.ts'

/** How long and how much Pulsar keeps of what every subscription has acknowledged; -1: no limit. */
export interface Retention {
  readonly retentionTimeInMinutes: number
  readonly retentionSizeInMB: number
}

export interface BacklogQuota {
  /** -1: no limit. */
  readonly limitSize?: number
  readonly limitTime?: number
  readonly policy: 'producer_request_hold' | 'producer_exception' | 'consumer_backlog_eviction'
}

export type BacklogQuotaType = 'destination_storage' | 'message_age'

export type SchemaCompatibilityStrategy =
  | 'UNDEFINED'
  | 'ALWAYS_INCOMPATIBLE'
  | 'ALWAYS_COMPATIBLE'
  | 'BACKWARD'
  | 'FORWARD'
  | 'FULL'
  | 'BACKWARD_TRANSITIVE'
  | 'FORWARD_TRANSITIVE'
  | 'FULL_TRANSITIVE'

export type AutoTopicCreation =
  | { readonly allowAutoTopicCreation: false }
  | { readonly allowAutoTopicCreation: true; readonly topicType: 'non-partitioned' }
  | {
      readonly allowAutoTopicCreation: true
      readonly topicType: 'partitioned'
      readonly defaultNumPartitions: number
    }

export type Permission = 'produce' | 'consume' | 'functions' | 'sources' | 'sinks' | 'packages'

/** The part of a namespace's policies that is set here; absent: the broker's default. */
export interface NamespacePolicies {
  readonly auth_policies: {
    readonly namespace_auth: Readonly<Record<string, readonly Permission[]>>
  }
  readonly retention_policies?: Retention
  readonly deduplicationEnabled?: boolean
  readonly message_ttl_in_seconds?: number
  readonly backlog_quota_map: Readonly<Partial<Record<BacklogQuotaType, BacklogQuota>>>
  readonly schema_compatibility_strategy?: SchemaCompatibilityStrategy
  readonly schema_validation_enforced: boolean
  readonly is_allow_auto_update_schema?: boolean
  readonly autoTopicCreationOverride?: AutoTopicCreation
  readonly compaction_threshold?: number
  readonly inactive_topic_policies?: InactiveTopics
  readonly subscription_expiration_time_minutes?: number
}

/** Namespaces, named `tenant/namespace`, and the policies of all their topics. */
export const namespaces = (http: AdminHttp) => {
  const at = (namespace: string, ...rest: string[]) =>
    ['namespaces', namespacePath(namespace), ...rest.map((part) => path(part))].join('/')
  const set = (method: 'PUT' | 'POST', namespace: string, policy: string, body: unknown) =>
    http.run({ method, path: at(namespace, policy), body })
  return {
    list: (tenant: string) =>
      http.json<string[]>({ method: 'GET', path: path('namespaces', tenant) }),
    policies: (namespace: string) =>
      http.json<NamespacePolicies>({ method: 'GET', path: at(namespace) }),
    /** Throws `conflict` when there is one of this name. */
    create: (namespace: string, { bundles }: { readonly bundles?: number } = {}) =>
      http.run({
        method: 'PUT',
        path: at(namespace),
        ...(bundles === undefined ? {} : { body: { bundles: { numBundles: bundles } } }),
      }),
    /** With `force` its topics too; without, throws `conflict` while it has any. */
    delete: (namespace: string, { force = false } = {}) =>
      http.run({ method: 'DELETE', path: at(namespace), query: { force } }),
    setRetention: (namespace: string, retention: Retention) =>
      set('POST', namespace, 'retention', retention),
    setDeduplication: (namespace: string, enabled: boolean) =>
      set('POST', namespace, 'deduplication', enabled),
    setMessageTtl: (namespace: string, seconds: number) =>
      set('POST', namespace, 'messageTTL', seconds),
    setBacklogQuota: (namespace: string, type: BacklogQuotaType, quota: BacklogQuota) =>
      http.run({
        method: 'POST',
        path: at(namespace, 'backlogQuota'),
        query: { backlogQuotaType: type },
        body: quota,
      }),
    setSchemaCompatibilityStrategy: (namespace: string, strategy: SchemaCompatibilityStrategy) =>
      set('PUT', namespace, 'schemaCompatibilityStrategy', strategy),
    setSchemaValidationEnforced: (namespace: string, enforced: boolean) =>
      set('POST', namespace, 'schemaValidationEnforced', enforced),
    setAutoTopicCreation: (namespace: string, creation: AutoTopicCreation) =>
      set('POST', namespace, 'autoTopicCreation', creation),
    /** In bytes; 0: never by itself. */
    setCompactionThreshold: (namespace: string, bytes: number) =>
      set('PUT', namespace, 'compactionThreshold', bytes),
    grantPermission: (namespace: string, role: string, permissions: readonly Permission[]) =>
      http.run({ method: 'POST', path: at(namespace, 'permissions', role), body: permissions }),
    revokePermission: (namespace: string, role: string) =>
      http.run({ method: 'DELETE', path: at(namespace, 'permissions', role) }),
    ...lifetimes(http),
    ...storedPolicies(http),
    ...allTopics(http),
  }
}
