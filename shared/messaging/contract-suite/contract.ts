import type { Broker, SubscriptionType } from '../port.ts'

/** What an adapter may or may not offer; a contract that needs more than that does not apply to it. */
export type Feature =
  | 'delay'
  | 'restart'
  | 'processes'
  | 'census'
  /** Reading with Key_Shared. */
  | 'key-shared'
  /** Backlogs count messages, not batches of them. */
  | 'exact-backlog'
  /** At most one fenced publisher writes to a partition. */
  | 'fencing'
  /** A consumer that has lost a partition to another one hands out nothing of it any more. */
  | 'handover'
  /** An acknowledgement resolves when it is stored. */
  | 'receipts'
  /** A consumer that is not durable can tell when it has read all there is. */
  | 'end'
  /** Tokens, and clients that have a wrong one. */
  | 'auth'

/** A program of its own on the same broker; what it received comes as lines. */
export interface ClientProcess {
  /** What it has printed so far. */
  readonly lines: readonly string[]
  /** Asks it to close what it has open and to end. */
  stop(): Promise<void>
  kill(): Promise<void>
  readonly ended: Promise<void>
}

export type ProcessJob =
  | {
      readonly does: 'publish'
      readonly topic: string
      readonly name: string
      readonly count: number
    }
  | {
      readonly does: 'consume'
      readonly topic: string
      readonly subscription: string
      readonly type: SubscriptionType
    }

/** What a contract is given: clients of one broker, and power over it. */
export interface Harness {
  /** A client as another process would have it. The runner closes it after the test. */
  connect(): Broker
  /** The name of a fresh topic. */
  topic(partitions?: number): Promise<string>
  /** Kills the broker; `start` brings it back with its data. For `restart`. */
  kill(): Promise<void>
  start(): Promise<void>
  /** A client whose token nobody knows. For `auth`. */
  stranger(): Broker
  /** For `processes`. */
  spawn(job: ProcessJob): ClientProcess
  /** How many consumers the broker knows of, and connections to it. For `census`. */
  census(): Promise<{ readonly consumers: number; readonly connections: number }>
}

/** One guarantee of the port: a sentence, and what shows it. */
export interface Contract {
  readonly title: string
  readonly needs?: readonly Feature[]
  /** Default 10 s. */
  readonly timeoutMs?: number
  prove(harness: Harness): Promise<void>
}

/** What reading with this type needs an adapter to offer. */
export const needsOf = (type: SubscriptionType): readonly Feature[] =>
  type === 'Key_Shared' ? ['key-shared'] : []
