import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

/** Seconds, from half a millisecond to the longest wait a request may ask for. */
const latencyBuckets = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20,
]

/**
 * The metrics of one process, in a registry of their own (never prom-client's global one), named after
 * the OpenTelemetry semantic conventions for HTTP and messaging. Roles register their own in `registry`.
 */
export interface Metrics {
  readonly registry: Registry
  readonly httpRequests: Histogram<'app' | 'method' | 'route' | 'status'>
  readonly httpInFlight: Gauge<'app'>
  readonly messagesPublished: Counter<'topic' | 'outcome'>
  readonly messagesConsumed: Counter<'subscription' | 'outcome'>
  readonly messageHandling: Histogram<'subscription'>
  /** Seconds between the event time of the last message handled and now. */
  readonly consumerLag: Gauge<'subscription'>
}

export interface MetricsOptions {
  /** Memory, CPU, event loop. Default true; a test needs none of it. */
  readonly process?: boolean
}

/** Fresh metrics, all at zero. */
export const createMetrics = (options: MetricsOptions = {}): Metrics => {
  const registry = new Registry()
  if (options.process ?? true) collectDefaultMetrics({ register: registry })
  const registers = [registry]
  return {
    registry,
    ...httpMetrics(registers),
    ...messagingMetrics(registers),
  }
}

const httpMetrics = (registers: Registry[]) => ({
  httpRequests: new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'Time to answer, by application, method, route and status.',
    labelNames: ['app', 'method', 'route', 'status'] as const,
    buckets: latencyBuckets,
    registers,
  }),
  httpInFlight: new Gauge({
    name: 'http_server_active_requests',
    help: 'Requests that wait for their answer.',
    labelNames: ['app'] as const,
    registers,
  }),
})

const messagingMetrics = (registers: Registry[]) => ({
  messagesPublished: new Counter({
    name: 'messaging_client_published_messages_total',
    help: 'Messages handed to the broker, by topic and outcome (stored, failed).',
    labelNames: ['topic', 'outcome'] as const,
    registers,
  }),
  messagesConsumed: new Counter({
    name: 'messaging_client_consumed_messages_total',
    help: 'Messages handled, by subscription and outcome.',
    labelNames: ['subscription', 'outcome'] as const,
    registers,
  }),
  messageHandling: new Histogram({
    name: 'messaging_process_duration_seconds',
    help: 'Time to handle one batch, from receiving it to its commit.',
    labelNames: ['subscription'] as const,
    buckets: latencyBuckets,
    registers,
  }),
  consumerLag: new Gauge({
    name: 'messaging_consumer_lag_seconds',
    help: 'Age of the last message handled, by subscription.',
    labelNames: ['subscription'] as const,
    registers,
  }),
})
