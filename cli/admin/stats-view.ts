import type {
  InternalStats,
  PartitionedStats,
  SubscriptionStats,
  TopicStats,
} from '../../shared/pulsar/admin/topic-stats.ts'
import type { Row } from '../listing.ts'
import type { Section } from './view.ts'

const rate = (perSecond: number): string => perSecond.toFixed(1)

const figures = (stats: TopicStats): Row => ({
  'msg in': stats.msgInCounter,
  'in/s': rate(stats.msgRateIn),
  'out/s': rate(stats.msgRateOut),
  'storage bytes': stats.storageSize,
  'backlog bytes': stats.backlogSize,
  producers: stats.publishers.length,
  subscriptions: Object.keys(stats.subscriptions).length,
})

const subscriptionRow = (name: string, stats: SubscriptionStats): Row => ({
  subscription: name,
  type: stats.type ?? '',
  backlog: stats.msgBacklog,
  unacked: stats.unackedMessages,
  'out/s': rate(stats.msgRateOut),
  'redelivered/s': rate(stats.msgRateRedeliver),
  consumers: stats.consumers.length,
  active: stats.activeConsumerName ?? '',
  durable: stats.isDurable,
})

export const statsView = (stats: TopicStats): readonly Section[] => [
  { rows: [figures(stats)] },
  {
    title: 'subscriptions',
    rows: Object.entries(stats.subscriptions).map(([name, one]) => subscriptionRow(name, one)),
  },
  {
    title: 'producers',
    rows: stats.publishers.map((one) => ({
      producer: one.producerName,
      access: one.accessMode ?? '',
      'in/s': rate(one.msgRateIn),
      address: one.address ?? '',
    })),
  },
]

export function partitionedView(stats: PartitionedStats): readonly Section[] {
  const partitions = Object.entries(stats.partitions)
  const each = partitions.map(([name, one]) => ({ partition: name, ...figures(one) }))
  const all = statsView(stats)
  return each.length === 0 ? all : [...all, { title: 'partitions', rows: each }]
}

export const subscriptionView = (
  stats: SubscriptionStats & { readonly subscription: string },
): readonly Section[] => [
  { rows: [subscriptionRow(stats.subscription, stats)] },
  {
    title: 'consumers',
    rows: stats.consumers.map((one) => ({
      consumer: one.consumerName,
      unacked: one.unackedMessages,
      permits: one.availablePermits,
      'out/s': rate(one.msgRateOut),
      address: one.address ?? '',
    })),
  },
]

export const internalView = (stats: InternalStats): readonly Section[] => [
  {
    rows: [
      {
        state: stats.state,
        entries: stats.numberOfEntries,
        'entries ever': stats.entriesAddedCounter,
        bytes: stats.totalSize,
        last: stats.lastConfirmedEntry,
      },
    ],
  },
  {
    title: 'ledgers',
    rows: stats.ledgers.map(({ ledgerId, entries, size }) => ({
      ledger: ledgerId,
      entries,
      bytes: size,
    })),
  },
  {
    title: 'cursors',
    rows: Object.entries(stats.cursors).map(([name, one]) => ({
      cursor: name,
      'acknowledged up to': one.markDeletePosition,
      'reads next': one.readPosition,
    })),
  },
]
