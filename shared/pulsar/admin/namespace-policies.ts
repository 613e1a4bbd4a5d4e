import { type AdminHttp, path } from './http.ts'
import { namespacePath } from './names.ts'
import type {
  AutoTopicCreation,
  BacklogQuota,
  BacklogQuotaType,
  Permission,
  Retention,
  SchemaCompatibilityStrategy,
} from './namespaces.ts'

/** What can be asked for one by one, by its name in a path. */
interface StoredPolicies {
  readonly retention: Retention
  /** In seconds. */
  readonly messageTTL: number
  readonly deduplication: boolean
  readonly backlogQuotaMap: Readonly<Partial<Record<BacklogQuotaType, BacklogQuota>>>
  readonly schemaCompatibilityStrategy: SchemaCompatibilityStrategy
  readonly schemaValidationEnforced: boolean
  readonly autoTopicCreation: AutoTopicCreation
  /** In bytes. */
  readonly compactionThreshold: number
  readonly permissions: Readonly<Record<string, readonly Permission[]>>
  readonly bundles: { readonly boundaries: readonly string[]; readonly numBundles: number }
}

export type PolicyName = keyof StoredPolicies
export type RemovablePolicy =
  'retention' | 'messageTTL' | 'deduplication' | 'autoTopicCreation' | 'compactionThreshold'

const at = (namespace: string, ...rest: string[]) =>
  `namespaces/${namespacePath(namespace)}/${path(...rest)}`

export const storedPolicies = (http: AdminHttp) => ({
  /** Undefined where the broker's default holds. */
  policy: <Name extends PolicyName>(namespace: string, name: Name) =>
    http.maybe<StoredPolicies[Name]>({ method: 'GET', path: at(namespace, name) }),
  /** From then on the broker's default holds. */
  removePolicy: (namespace: string, name: RemovablePolicy) =>
    http.run({ method: 'DELETE', path: at(namespace, name) }),
  removeBacklogQuota: (namespace: string, type: BacklogQuotaType) =>
    http.run({
      method: 'DELETE',
      path: at(namespace, 'backlogQuota'),
      query: { backlogQuotaType: type },
    }),
})

/** What is done to all topics of a namespace at once. */
export const allTopics = (http: AdminHttp) => ({
  /** Single partitions too, and those that do not persist. */
  topics: (namespace: string) =>
    http.json<string[]>({ method: 'GET', path: at(namespace, 'topics') }),
  /** Their clients are sent away and come back; nothing is lost. */
  unload: (namespace: string) => http.run({ method: 'PUT', path: at(namespace, 'unload') }),
  /** Of one subscription, or of all. One that a topic does not have is an error of Pulsar's (500). */
  clearBacklog: (namespace: string, subscription?: string) =>
    http.run({
      method: 'POST',
      path: at(namespace, 'clearBacklog', ...(subscription === undefined ? [] : [subscription])),
    }),
  /** Deletes a subscription from every topic that has it. */
  unsubscribe: (namespace: string, subscription: string) =>
    http.run({ method: 'POST', path: at(namespace, 'unsubscribe', subscription) }),
})
