import type { PulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import { messagesOf } from '../../shared/pulsar/admin/entry-messages.ts'
import { existing } from './existing.ts'
import { messageView, shownMessages } from './messages.ts'
import { flag, needed, oneOf, withDefault } from './parameter.ts'
import { internalView, partitionedView, statsView } from './stats-view.ts'
import { whole } from './values.ts'
import { verb, type Verbs } from './verb.ts'
import { words } from './words.ts'

const { topic } = words

const how = {
  getPreciseBacklog: flag('--get-precise-backlog', 'count messages, also in batches', '-gpb'),
  // pulsar-admin asks for it without being told, too.
  subscriptionBacklogSize: {
    ...flag('--get-subscription-backlog-size', 'in bytes; always', '-sbs'),
    fallback: true,
  },
  getEarliestTimeInBacklog: flag(
    '--get-earliest-time-in-backlog',
    'when the oldest that waits was published',
    '-etb',
  ),
}

export const topicContents: Verbs = {
  stats: verb({
    summary:
      'producers, subscriptions and figures of a topic without partitions, or of one partition',
    parameters: { topic, ...how },
    call: (admin, { topic: name, ...options }) => admin.topics.stats(name, options),
    show: statsView,
  }),
  'partitioned-stats': verb({
    summary: 'the same of a partitioned topic',
    parameters: {
      topic,
      perPartition: flag('--per-partition', 'the figures of each partition too'),
      ...how,
    },
    call: (admin, { topic: name, ...options }) => admin.topics.partitionedStats(name, options),
    show: partitionedView,
  }),
  'stats-internal': verb({
    summary: 'ledgers and cursors of a topic without partitions, or of one partition',
    parameters: { topic, metadata: flag('-m, --metadata', 'metadata of the ledgers too') },
    call: (admin, input) => admin.topics.internalStats(input.topic, input),
    show: internalView,
  }),
  'partitioned-stats-internal': verb({
    summary: 'the same of each partition',
    parameters: { topic },
    call: (admin, input) => admin.topics.partitionedInternalStats(input.topic),
    show: ({ partitions }) =>
      Object.entries(partitions).flatMap(([partition, stats]) => [
        { title: `\n${partition}`, rows: [] },
        ...internalView(stats),
      ]),
  }),
  compact: verb({
    summary: 'keep the latest message of each key for those who read compacted',
    parameters: { topic },
    change: (input) => `compact ${input.topic}`,
    needs: existing.topic,
    call: (admin, input) => admin.topics.compact(input.topic),
  }),
  'compaction-status': verb({
    summary: 'how the last compaction went',
    parameters: { topic },
    call: (admin, input) => admin.topics.compactionStatus(input.topic),
  }),
  'last-message-id': verb({
    summary: 'id of the last message; entry -1: there is none',
    parameters: { topic },
    call: (admin, input) => admin.topics.lastMessageId(input.topic),
  }),
  'get-message-id': verb({
    summary: 'id of the first message published at a time or later',
    parameters: { topic, time: words.at },
    call: (admin, input) => admin.topics.messageIdAt(input.topic, input.time),
  }),
  'get-message-by-id': verb({
    summary: 'the messages of one entry',
    parameters: {
      topic,
      ledgerId: needed('-l, --ledgerId <id>', 'its ledger', whole(0)),
      entryId: needed('-e, --entryId <id>', 'its place in the ledger', whole(0)),
    },
    call: async (admin, { topic: name, ...id }) => shown(await admin.topics.entry(name, id)),
    show: messageView,
  }),
  'examine-messages': verb({
    summary: 'the messages of the nth entry from one end of the topic',
    parameters: {
      topic,
      from: withDefault<'earliest' | 'latest'>(
        '-i, --initialPosition <end>',
        'earliest or latest',
        oneOf('earliest', 'latest'),
        'latest',
      ),
      position: withDefault('-m, --messagePosition <n>', 'which entry from there', whole(1), 1),
    },
    call: async (admin, input) =>
      shown(await admin.topics.examine(input.topic, input.from, input.position)),
    show: messageView,
  }),
}

const shown = (entry: Awaited<ReturnType<PulsarAdmin['topics']['entry']>>) =>
  shownMessages(messagesOf(entry))
