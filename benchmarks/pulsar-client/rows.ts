import type { Outcome, Task } from './tasks.ts'

export type Contestant = 'bun' | 'deno' | 'python'
export type Ours = Exclude<Contestant, 'python'>

/** What must be reached: against the C++ client in the same run, or by itself. */
export interface Bar {
  readonly metric: 'perSecond' | 'cpuMicros' | 'p50' | 'p99' | 'memoryMiB'
  readonly of: 'python' | 'itself'
  readonly atLeast?: Readonly<Record<Ours, number>>
  readonly atMost?: Readonly<Record<Ours, number>>
}

export interface Row {
  readonly name: string
  readonly what: string
  /** How often each contestant does it: of latencies the median counts, of rates the best round. */
  readonly rounds: number
  readonly bars: readonly Bar[]
  task(topic: string, subscription: string): Task
  /** Stored before the first round, for everyone. */
  readonly filled?: { readonly batching: 'default' | 'none'; readonly count: number }
  /** In a process of its own, and not by the C++ client. */
  readonly alone?: true
}

const both = (limit: number): Readonly<Record<Ours, number>> => ({ bun: limit, deno: limit })
const ratio = (metric: Bar['metric'], limits: Omit<Bar, 'metric' | 'of'>): Bar => ({
  metric,
  of: 'python',
  ...limits,
})
const itself = (metric: Bar['metric'], limits: Omit<Bar, 'metric' | 'of'>): Bar => ({
  metric,
  of: 'itself',
  ...limits,
})

const flooded = { rounds: 3, seconds: 1.2 }
const timed = { rounds: 3, seconds: 3 }

export const rows: readonly Row[] = [
  {
    name: 'produce',
    what: 'produce, default batches, a promise (Python: a callback) a message',
    rounds: flooded.rounds,
    bars: [
      ratio('perSecond', { atLeast: { bun: 8, deno: 5 } }),
      itself('perSecond', { atLeast: { bun: 250_000, deno: 150_000 } }),
      ratio('cpuMicros', { atMost: both(0.08) }),
      itself('cpuMicros', { atMost: both(3) }),
    ],
    task: (topic) => ({ kind: 'produce', topic, batching: 'default', seconds: flooded.seconds }),
  },
  {
    name: 'produce-single',
    what: 'produce without batches',
    rounds: flooded.rounds,
    bars: [ratio('perSecond', { atLeast: both(4) }), itself('cpuMicros', { atMost: both(10) })],
    task: (topic) => ({ kind: 'produce', topic, batching: 'none', seconds: flooded.seconds }),
  },
  {
    name: 'produce-keys',
    what: 'produce, key-based batches, 500 keys',
    rounds: flooded.rounds,
    bars: [ratio('perSecond', { atLeast: both(10) })],
    task: (topic) => ({ kind: 'produce', topic, batching: 'key', seconds: flooded.seconds }),
  },
  {
    name: 'paced-1000',
    what: 'send at 1,000/s without linger (Python: without batches)',
    rounds: timed.rounds,
    bars: [ratio('p50', { atMost: both(1.15) }), ratio('p99', { atMost: both(2) })],
    task: (topic) => ({ kind: 'paced', topic, rate: 1_000, lingerMs: 0, seconds: timed.seconds }),
  },
  {
    name: 'paced-10000',
    what: 'send at 10,000/s with 1 ms of linger',
    rounds: timed.rounds,
    bars: [
      ratio('p50', { atMost: { bun: 1.25, deno: 1.5 } }),
      ratio('p99', { atMost: both(2) }),
      ratio('cpuMicros', { atMost: both(0.4) }),
    ],
    task: (topic) => ({ kind: 'paced', topic, rate: 10_000, lingerMs: 1, seconds: timed.seconds }),
  },
  {
    name: 'consume',
    what: 'consume Shared, batches of 500, receive and acknowledge',
    rounds: 3,
    bars: [ratio('perSecond', { atLeast: both(1.5) }), ratio('cpuMicros', { atMost: both(0.5) })],
    task: (topic, subscription) => ({
      kind: 'consume',
      topic,
      subscription,
      type: 'Shared',
      count: 300_000,
    }),
    filled: { batching: 'default', count: 300_000 },
  },
  {
    name: 'consume-single',
    what: 'consume Key_Shared, a message an entry (bound by the broker)',
    rounds: 3,
    bars: [ratio('perSecond', { atLeast: both(0.9) }), ratio('cpuMicros', { atMost: both(0.25) })],
    task: (topic, subscription) => ({
      kind: 'consume',
      topic,
      subscription,
      type: 'KeyShared',
      count: 30_000,
    }),
    filled: { batching: 'none', count: 30_000 },
  },
  {
    name: 'end-to-end',
    what: 'from send to receive, Key_Shared, 1,000/s without batches',
    rounds: timed.rounds,
    bars: [ratio('p50', { atMost: both(1.1) }), ratio('p99', { atMost: both(1.3) })],
    task: (topic) => ({ kind: 'end-to-end', topic, rate: 1_000, seconds: timed.seconds }),
  },
  {
    name: 'memory',
    what: 'resident after 300,000 messages, sent at 50,000/s and received',
    rounds: 1,
    bars: [itself('memoryMiB', { atMost: both(250) })],
    task: (topic) => ({ kind: 'through', topic, rate: 50_000, seconds: 6 }),
    alone: true,
  },
]

export type Measured = Readonly<Record<Contestant, Outcome | undefined>>

/** The value a bar is about; undefined when a contestant is missing. */
export const valueOf = (bar: Bar, measured: Measured, ours: Ours): number | undefined => {
  const value = measured[ours]?.[bar.metric]
  const other = measured.python?.[bar.metric]
  if (bar.of === 'itself' || value === undefined) return value
  return other === undefined ? undefined : value / other
}

export const isMet = ({ atLeast, atMost }: Bar, value: number, ours: Ours): boolean =>
  value >= (atLeast?.[ours] ?? -Infinity) && value <= (atMost?.[ours] ?? Infinity)
