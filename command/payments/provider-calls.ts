import { bell } from '../../shared/delivery/bell.ts'
import { outboxSignal } from '../../shared/delivery/outbox-signal.ts'
import { orAfter } from '../../shared/delivery/pause.ts'
import type { Database } from '../../shared/postgres/database.ts'
import type { Logger } from '../../shared/telemetry/logger.ts'
import { askProvider, defaultPatience, type ProviderPatience } from './ask-provider.ts'
import { inBatches } from './in-batches.ts'
import { claimCalls, type PaymentCall, postponeCall } from './payment-calls.ts'
import type { PaymentProvider } from './provider.ts'
import { type Answered, recordAnswers } from './record-answers.ts'

export interface ProviderCallsOptions {
  readonly database: Database
  readonly provider: PaymentProvider
  readonly logger: Logger
  readonly patience?: Partial<ProviderPatience>
  /** For how long a call belongs to who asks, in ms. Default: its deadline and 10 s to record the answer. */
  readonly leaseMs?: number
  /** Questions asked at the same time. Default 64; with those that the provider is silent about, four times as many. */
  readonly atOnce?: number
  /** How long a question without an answer keeps its place from others. Default 500 ms. */
  readonly silentAfterMs?: number
  /** How often calls that have become due are looked for. Default 1000 ms. */
  readonly pollMs?: number
}

export interface ProviderCalls {
  /** There may be something to ask. */
  wake(): void
  /** Asks nothing new, and waits for the answers that are due. Idempotent. */
  stop(): Promise<void>
}

/**
 * Asks the provider for everything that is on the list, until it is stopped: outside of transactions,
 * at least once each, and never two at a time for one call while its lease lasts.
 */
export const startProviderCalls = (options: ProviderCallsOptions): ProviderCalls => {
  const { database, logger, atOnce = 64, silentAfterMs = 500, pollMs = 1000 } = options
  const patience = { ...defaultPatience, ...options.patience }
  const leaseMs = options.leaseMs ?? patience.deadlineMs + 10_000
  const stopping = new AbortController()
  const waking = bell(stopping.signal)
  const running = new Set<Promise<void>>()
  const fresh = new Set<Promise<void>>()
  const follow = caller(options, patience)
  const freePlaces = () => Math.min(atOnce - fresh.size, 4 * atOnce - running.size)
  const leaving = (places: readonly Set<Promise<void>>[], following: Promise<void>) => {
    if (freePlaces() === 0) waking.ring()
    for (const place of places) place.delete(following)
  }
  const begin = (call: PaymentCall) => {
    const following: Promise<void> = follow(call).finally(() => {
      clearTimeout(silent)
      leaving([fresh, running], following)
    })
    // Cards that are never answered would hold up all others until their deadline.
    const silent = setTimeout(() => leaving([fresh], following), silentAfterMs)
    for (const place of [fresh, running]) place.add(following)
  }
  const loop = async () => {
    while (!stopping.signal.aborted) {
      const free = freePlaces()
      const calls = free > 0 ? await claim(free) : []
      for (const call of calls) begin(call)
      if (calls.length < free || free === 0) await waking.rung(pollMs)
    }
    await Promise.all(running)
  }
  const claim = async (atMost: number): Promise<readonly PaymentCall[]> => {
    try {
      return await claimCalls(database, atMost, leaseMs)
    } catch (error) {
      logger.warn({ err: error }, 'payments could not be looked for; trying again')
      return []
    }
  }
  const ended = loop()
  return {
    wake: () => waking.ring(),
    stop() {
      stopping.abort()
      return orAfter(patience.deadlineMs + 2000, ended)
    },
  }
}

/** Asks once, and notes what came of it. What cannot be noted is asked again when the lease has ended. */
const caller = (
  { database, provider, logger }: ProviderCallsOptions,
  patience: ProviderPatience,
): ((call: PaymentCall) => Promise<void>) => {
  const { restMs: lookUpMs, giveUpMs } = patience
  const signal = outboxSignal(database, logger)
  const record = inBatches(async (answers: readonly Answered[]) => {
    await recordAnswers(database, answers, { lookUpMs, giveUpMs })
    signal()
  })
  return async (call) => {
    const { id, operation, attempts } = call
    const asked = await askProvider(provider, call, patience)
    try {
      if ('answer' in asked) return await record({ call, ...asked })
      if (asked.error !== undefined)
        logger.warn({ err: asked.error, id, operation, attempts }, 'the payment provider failed')
      if (await postponeCall(database, call, asked.restMs))
        logger.error(
          { id, operation },
          'nothing could be learned of a payment: nobody asks any more',
        )
    } catch (error) {
      logger.warn({ err: error, id, operation }, 'what the payment provider said is asked again')
    }
  }
}
