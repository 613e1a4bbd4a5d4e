import { type AdminHttp, path } from './http.ts'
import type { MessageId } from './message-id.ts'
import type { Permission } from './namespaces.ts'
import { namespacePath, topicPaths } from './names.ts'
import { rawEntry } from './raw-entry.ts'
import { topicPolicies } from './topic-policies.ts'
import type { InternalStats, PartitionedStats, StatsOptions, TopicStats } from './topic-stats.ts'

/** Topics by their full names, `persistent://tenant/namespace/topic`. */
export const topics = (http: AdminHttp) => ({
  ...existence(http),
  ...contents(http),
  ...topicPolicies(http),
})

const at = (topic: string, ...rest: (string | number)[]) =>
  [topicPaths(topic).full, ...rest.map((part) => path(part))].join('/')

const existence = (http: AdminHttp) => ({
  /** Of a namespace: topics and single partitions, without those of Pulsar itself. */
  list: (namespace: string) =>
    http.json<string[]>({ method: 'GET', path: `persistent/${namespacePath(namespace)}` }),
  listPartitioned: (namespace: string) =>
    http.json<string[]>({
      method: 'GET',
      path: `persistent/${namespacePath(namespace)}/partitioned`,
    }),
  /** Throws `conflict` when there is one of this name, partitioned or not. */
  create: (topic: string) => http.run({ method: 'PUT', path: at(topic) }),
  createPartitioned: (topic: string, partitions: number) =>
    http.run({ method: 'PUT', path: at(topic, 'partitions'), body: partitions }),
  /** Those that creating or growing it did not get to. */
  createMissedPartitions: (topic: string) =>
    http.run({ method: 'POST', path: at(topic, 'createMissedPartitions') }),
  /** Only more; keys move to other partitions. */
  updatePartitions: (topic: string, partitions: number) =>
    http.run({ method: 'POST', path: at(topic, 'partitions'), body: partitions }),
  /** How many partitions it has; 0: it is not partitioned. Throws `not-found`, creates nothing. */
  partitions: async (topic: string) => (await partitionsOf(http, topic)).partitions,
  metadata: (topic: string) => partitionsOf(http, topic),
  /** With `force` also while clients are connected. */
  delete: (topic: string, { force = false } = {}) =>
    http.run({ method: 'DELETE', path: at(topic), query: { force } }),
  deletePartitioned: (topic: string, { force = false } = {}) =>
    http.run({ method: 'DELETE', path: at(topic, 'partitions'), query: { force } }),
  /** Its clients are sent away and come back; nothing is lost. */
  unload: (topic: string) => http.run({ method: 'PUT', path: at(topic, 'unload') }),
  /** Nothing can be published any more. Answers the last message. Cannot be undone. */
  terminate: (topic: string) =>
    http.json<MessageId>({ method: 'POST', path: at(topic, 'terminate') }),
  /** The same for all partitions; answers the last message of each, by its index. */
  terminatePartitioned: (topic: string) =>
    http.json<Record<string, MessageId>>({
      method: 'POST',
      path: at(topic, 'terminate', 'partitions'),
    }),
  /** Every subscription goes to its end, and what nobody holds any more is deleted. */
  truncate: (topic: string) => http.run({ method: 'DELETE', path: at(topic, 'truncate') }),
  /** The broker that serves it. */
  lookup: (topic: string) =>
    http.json<{ brokerUrl: string; httpUrl: string; brokerUrlTls?: string }>({
      method: 'GET',
      root: '/lookup/v2/',
      path: path('topic', ...at(topic).split('/').map(decodeURIComponent)),
    }),
  permissions: (topic: string) =>
    http.json<Record<string, readonly Permission[]>>({
      method: 'GET',
      path: at(topic, 'permissions'),
    }),
})

const partitionsOf = (http: AdminHttp, topic: string) =>
  http.json<{ readonly partitions: number; readonly deleted: boolean }>({
    method: 'GET',
    path: at(topic, 'partitions'),
  })

const contents = (http: AdminHttp) => ({
  stats: (topic: string, how: StatsOptions = {}) =>
    http.json<TopicStats>({ method: 'GET', path: at(topic, 'stats'), query: { ...how } }),
  partitionedStats: (topic: string, how: StatsOptions & { readonly perPartition?: boolean } = {}) =>
    http.json<PartitionedStats>({
      method: 'GET',
      path: at(topic, 'partitioned-stats'),
      query: { ...how },
    }),
  internalStats: (topic: string, { metadata = false } = {}) =>
    http.json<InternalStats>({
      method: 'GET',
      path: at(topic, 'internalStats'),
      query: { metadata },
    }),
  partitionedInternalStats: (topic: string) =>
    http.json<{ readonly partitions: Readonly<Record<string, InternalStats>> }>({
      method: 'GET',
      path: at(topic, 'partitioned-internalStats'),
    }),
  /** Starts it; Pulsar goes on by itself. Throws `conflict` while one is under way. */
  compact: (topic: string) => http.run({ method: 'PUT', path: at(topic, 'compaction') }),
  compactionStatus: (topic: string) =>
    http.json<{
      readonly status: 'NOT_RUN' | 'RUNNING' | 'SUCCESS' | 'ERROR'
      readonly lastError: string
    }>({ method: 'GET', path: at(topic, 'compaction') }),
  /** Entry -1 where nothing was published yet. */
  lastMessageId: (topic: string) =>
    http.json<MessageId>({ method: 'GET', path: at(topic, 'lastMessageId') }),
  /** The first message published at that time or later. */
  messageIdAt: (topic: string, time: Date) =>
    http.json<MessageId>({ method: 'GET', path: at(topic, 'messageid', time.getTime()) }),
  /** The `position`th entry from one end of what the topic keeps. */
  examine: async (topic: string, from: 'earliest' | 'latest', position = 1) =>
    rawEntry(
      await http.send({
        method: 'GET',
        path: at(topic, 'examinemessage'),
        query: { initialPosition: from, messagePosition: position },
      }),
    ),
  /** Throws `not-found` once retention has dropped it. */
  entry: async (topic: string, { ledgerId, entryId }: MessageId) =>
    rawEntry(
      await http.send({
        method: 'GET',
        path: at(topic, 'ledger', ledgerId, 'entry', entryId),
      }),
    ),
})
