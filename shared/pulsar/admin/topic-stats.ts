/** The part of a subscription's figures that operations read; all are estimates of one moment. */
export interface SubscriptionStats {
  readonly type?: 'Exclusive' | 'Shared' | 'Failover' | 'Key_Shared'
  /** Messages, or entries where messages come in batches. */
  readonly msgBacklog: number
  readonly unackedMessages: number
  readonly msgRateOut: number
  readonly msgRateRedeliver: number
  readonly activeConsumerName?: string
  readonly isDurable: boolean
  readonly consumers: readonly ConsumerStats[]
}

export interface ConsumerStats {
  readonly consumerName: string
  readonly address?: string
  readonly availablePermits: number
  readonly unackedMessages: number
  readonly msgRateOut: number
}

export interface PublisherStats {
  readonly producerName: string
  readonly producerId: number
  readonly address?: string
  readonly accessMode?: string
  readonly msgRateIn: number
}

export interface TopicStats {
  readonly msgRateIn: number
  readonly msgRateOut: number
  readonly msgInCounter: number
  readonly bytesInCounter: number
  /** In bytes. */
  readonly storageSize: number
  readonly backlogSize: number
  readonly publishers: readonly PublisherStats[]
  readonly subscriptions: Readonly<Record<string, SubscriptionStats>>
}

/** Costs the broker more than the estimates do. */
export interface StatsOptions {
  /** Counts messages, also within batches, in place of the estimate. */
  readonly getPreciseBacklog?: boolean
  /** The backlog of each subscription in bytes; -1 without. */
  readonly subscriptionBacklogSize?: boolean
  /** When the oldest waiting message was published. */
  readonly getEarliestTimeInBacklog?: boolean
}

export interface PartitionedStats extends TopicStats {
  readonly metadata: { readonly partitions: number }
  readonly partitions: Readonly<Record<string, TopicStats>>
}

export interface InternalStats {
  readonly entriesAddedCounter: number
  readonly numberOfEntries: number
  readonly totalSize: number
  readonly lastConfirmedEntry: string
  readonly state: string
  readonly ledgers: readonly {
    readonly ledgerId: number
    readonly entries: number
    readonly size: number
  }[]
  readonly cursors: Readonly<
    Record<string, { readonly markDeletePosition: string; readonly readPosition: string }>
  >
}
