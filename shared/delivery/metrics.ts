import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** What delivery counts. Give one to every consumer and relay of a process. */
export interface DeliveryMetrics {
  batch(subscription: string, messages: number, oldestMs: number, tookMs: number): void
  duplicates(subscription: string, count: number): void
  parked(subscription: string, state: string): void
  retried(subscription: string, failure: string): void
  relayed(count: number): void
  outboxDepth(depth: number): void
}

const registered = new WeakMap<Registry, ReturnType<typeof instruments>>()

/** Registers the metrics with `registry`, once however often it is called. Times in seconds. */
export const deliveryMetrics = (registry: Registry): DeliveryMetrics => {
  const made = registered.get(registry) ?? instruments(registry)
  registered.set(registry, made)
  return {
    batch(subscription, messages, oldestMs, tookMs) {
      made.batches.observe({ subscription }, tookMs / 1000)
      made.messages.inc({ subscription }, messages)
      made.lag.set({ subscription }, oldestMs / 1000)
    },
    duplicates: (subscription, count) => made.duplicates.inc({ subscription }, count),
    parked: (subscription, state) => made.parked.inc({ subscription, state }),
    retried: (subscription, failure) => made.retried.inc({ subscription, failure }),
    relayed: (count) => made.relayed.inc(count),
    outboxDepth: (depth) => made.outbox.set(depth),
  }
}

const instruments = (registry: Registry) => {
  const registers = [registry]
  const kept = <Instrument>(name: string, make: (name: string) => Instrument): Instrument => {
    const full = `aero_delivery_${name}`
    return (registry.getSingleMetric(full) as Instrument | undefined) ?? make(full)
  }
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    kept(name, (full) => new Counter({ name: full, help, labelNames, registers }))
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    kept(name, (full) => new Gauge({ name: full, help, labelNames, registers }))
  return {
    batches: kept(
      'batch_seconds',
      (name) =>
        new Histogram({
          name,
          help: 'Time from the first statement of a batch to its COMMIT',
          labelNames: ['subscription'],
          buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
          registers,
        }),
    ),
    lag: gauge('lag_seconds', 'Age of the oldest message of the last batch', ['subscription']),
    outbox: gauge('outbox_rows', 'Rows that wait to be published', []),
    messages: counter('messages_total', 'Messages that took effect', ['subscription']),
    duplicates: counter('duplicates_total', 'Messages seen before', ['subscription']),
    parked: counter('parked_total', 'Messages put into a lane', ['subscription', 'state']),
    retried: counter('retried_total', 'Runs that failed', ['subscription', 'failure']),
    relayed: counter('relayed_total', 'Messages published from the outbox', []),
  }
}
