/** What a contestant is asked to do, one line of JSON each; messages have 250 bytes. */
export type Task =
  | {
      readonly kind: 'produce'
      readonly topic: string
      readonly batching: Batching
      readonly seconds: number
    }
  | {
      readonly kind: 'paced'
      readonly topic: string
      readonly rate: number
      /** 0 sends without delay: at the end of the event-loop turn, or message by message. */
      readonly lingerMs: number
      readonly seconds: number
    }
  | {
      readonly kind: 'fill'
      readonly topic: string
      readonly batching: Batching
      readonly count: number
    }
  | {
      readonly kind: 'consume'
      readonly topic: string
      readonly subscription: string
      readonly type: SharedType
      readonly count: number
    }
  | {
      /** Sends and receives at once, message by message; `through` does it in batches. */
      readonly kind: 'end-to-end'
      readonly topic: string
      readonly rate: number
      readonly seconds: number
    }
  | {
      readonly kind: 'through'
      readonly topic: string
      readonly rate: number
      readonly seconds: number
    }

export type Batching = 'default' | 'key' | 'none'
export type SharedType = 'Shared' | 'KeyShared'

/** What it answers, one line of JSON: latencies in ms where the task has any. */
export interface Outcome {
  readonly perSecond: number
  /** Microseconds of CPU of the whole process, for each message. */
  readonly cpuMicros: number
  readonly p50?: number
  readonly p99?: number
  /** Resident, at the end of the task. */
  readonly memoryMiB: number
}

export const keys = 500
export const payloadBytes = 250
