/**
 * The messaging port: what every broker adapter gives, and nothing a handler could not live without.
 * `contract-suite/` beside this file states each guarantee as a test; every adapter runs it.
 */

export type SubscriptionType = 'Exclusive' | 'Shared' | 'Failover' | 'Key_Shared'

export interface OutgoingMessage {
  /** Messages of one key keep the order in which they were published. */
  readonly key: string
  readonly payload: Uint8Array
  readonly properties: Readonly<Record<string, string>>
  readonly eventTime?: Date
  /** Shared subscriptions hold the message back until then; the other types deliver it at once. */
  readonly deliverAt?: Date
}

export interface ReceivedMessage {
  /** Unique and stable for this topic; ordered within a partition. Opaque: only adapters parse it. */
  readonly id: string
  readonly topic: string
  readonly partition: number
  readonly key: string
  readonly payload: Uint8Array
  readonly properties: Readonly<Record<string, string>>
  readonly publishTime: Date
  readonly eventTime?: Date
  /** A hint, not a truth: brokers reset it (always 0 on Failover). Attempts are counted in our own rows. */
  readonly redeliveryCount: number
}

export interface Publisher {
  /**
   * Resolves with the message id once the broker has stored the message durably, never before.
   * Messages of one publisher and key are stored in the order of the calls.
   * Rejects with `Transient` slug `broker-unavailable` within the publish timeout when the broker is
   * away (the message may still have been stored: `sendBegan` on the error says whether), with
   * `Invalid` slug `message-too-large` at once, and with `Misuse` inside a database transaction.
   */
  publish(topic: string, message: OutgoingMessage): Promise<string>
  /**
   * Fenced publishers of brokers that can fence have this; call it before reading what is to be
   * published. From then on this publisher holds exactly these partitions of the topic: it takes them
   * over from whoever held them, gives up the others, and resolves when nobody else's fenced
   * publisher can write there any more. Publishing to a partition that another one has taken over
   * since rejects with `Transient` slug `fenced`, always, until it is held again; a partition that
   * was never held is held by publishing to it.
   */
  hold?(topic: string, partitions: readonly number[]): Promise<void>
  /** Flushes what was accepted, then refuses. Idempotent. */
  close(): Promise<void>
}

export interface PublisherOptions {
  /**
   * At most one publisher writes to a partition: the one that took it over last. Default false. What
   * publishes without it is not kept out, and brokers that cannot fence ignore it.
   */
  readonly fenced?: boolean
}

export interface SubscribeOptions {
  readonly topics: readonly string[]
  readonly subscription: string
  readonly type: SubscriptionType
  /** Where a subscription that does not exist yet begins. Default `earliest`. */
  readonly from?: 'earliest' | 'latest'
  /** A non-durable subscription keeps no position and is gone with its consumer. Default true. */
  readonly durable?: boolean
  /** Most messages held in memory and not yet acknowledged. Default 1000. */
  readonly receiverQueueSize?: number
  /** While a message of a key is unacknowledged, the next of that key is not handed out. Default false. */
  readonly holdKeys?: boolean
  /** How long a negatively acknowledged message rests, in ms. Default 1000. */
  readonly nackDelayMs?: number
}

export interface Consumer {
  /**
   * Waits for at least one message, then gives what is there, at most `max`, without waiting for more.
   * Order per key is publish order. Resolves empty when `signal` aborts or the consumer closes.
   * Rejects with `Transient` slug `broker-unavailable` while the broker is away; call again to go on.
   */
  receive(max: number, signal?: AbortSignal): Promise<readonly ReceivedMessage[]>
  /**
   * What is acknowledged does not come again, unless the broker itself crashes within moments; what is
   * not comes again after a close or a crash.
   * An acknowledgement that fails means redelivery, never loss. Unknown messages are ignored.
   */
  acknowledge(messages: readonly ReceivedMessage[]): Promise<void>
  /** Gives the messages back for redelivery. Breaks the order of their keys: not for retries. */
  negativeAcknowledge(messages: readonly ReceivedMessage[]): Promise<void>
  /**
   * Moves the whole subscription, a message id its partition only: what was received from there and
   * not acknowledged is dropped and read again.
   */
  seek(
    position: 'earliest' | 'latest' | { readonly time: Date } | { readonly id: string },
  ): Promise<void>
  /**
   * Notes how far the topics are, and answers a test: whether everything that was stored up to there
   * from where this consumer began has been handed out. Only non-durable consumers have it: of the
   * others each gets a part. An adapter that cannot tell leaves it out.
   */
  noteEnd?(): Promise<() => boolean>
  /** Flushes acknowledgements, gives back what is unacknowledged. Idempotent. */
  close(): Promise<void>
}

export interface TopicStats {
  readonly topic: string
  readonly partitions: number
  readonly subscriptions: readonly { readonly name: string; readonly backlog: number }[]
}

export interface Broker {
  readonly name: 'embedded' | 'pulsar' | 'official'
  /** Creates a topic when it is absent. Its partition count is fixed from then on. */
  ensureTopic(topic: string, partitions: number): Promise<void>
  /** Creates a durable subscription when it is absent, so that nothing published from now on is missed. */
  ensureSubscription(
    topic: string,
    subscription: string,
    from?: 'earliest' | 'latest',
  ): Promise<void>
  publisher(options?: PublisherOptions): Publisher
  subscribe(options: SubscribeOptions): Promise<Consumer>
  stats(topic: string): Promise<TopicStats>
  /** Resolves when the broker answers; rejects with `Transient` slug `broker-unavailable`. */
  check(): Promise<void>
  /** Closes every publisher and consumer made here. Idempotent. */
  close(): Promise<void>
}
