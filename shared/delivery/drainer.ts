import type { Transaction } from '../postgres/database.ts'
import { toArrival, toDelivery, type Arrival, type Fault } from './arrival.ts'
import type { Consumption } from './consumption.ts'
import { describeFailure, sortFailure } from './failures.ts'
import { uncleanEnd } from './key-step.ts'
import {
  claimDueLane,
  countHead,
  postponeLane,
  releaseLane,
  uncountHead,
  type CountedHead,
} from './lane-claim.ts'
import { closeLane, laneMessages, lockLane, removeFromLane, type LaneMessage } from './lane-head.ts'
import type { Lane } from './lane-store.ts'
import { tellOfHead } from './parking.ts'
import { backoff, pause } from './pause.ts'
import type { Delivery } from './work.ts'

/**
 * Runs the due lanes of a subscription, message by message in order, each in a transaction that holds
 * the lane's lock; a lane that has become empty is gone, and its key flows again. Resolves once the
 * signal has aborted. Any number of processes may do this at once.
 */
export const drainLanes = async (consumption: Consumption, pollMs: number): Promise<void> => {
  const { outage, signal, database, subscription, logger } = consumption
  // Where no message comes, nobody else would notice that the database is back.
  let hasMet = false
  while (!signal.aborted) {
    await outage.over()
    try {
      const key = signal.aborted ? undefined : await claimDueLane(database, subscription)
      if (hasMet) outage.ended()
      hasMet = false
      if (key === undefined) await pause(pollMs, signal)
      else await drainLane(consumption, { subscription, key })
    } catch (error) {
      hasMet = sortFailure(error) === 'away'
      if (hasMet) outage.met(error)
      else logger.error({ err: error, subscription }, 'a lane could not be drained')
      await pause(backoff(1, pollMs, pollMs), signal)
    }
  }
}

/** Until it is empty, closed, postponed, or somebody else's. */
const drainLane = async (consumption: Consumption, lane: Lane): Promise<void> => {
  const { outage, signal, database } = consumption
  let counted: CountedHead | undefined
  const run: Run = { size: 1, hasAll: false }
  while (!signal.aborted) {
    await outage.over()
    counted ??= await countHead(database, lane)
    if (!counted) return
    const next = await runLane(consumption, lane, counted, run).catch((error: unknown) =>
      afterError(consumption, lane, counted as CountedHead, run, error),
    )
    if (next === 'leave') return
    if (next === 'next') counted = undefined
    run.size = next === 'together' ? run.size * 100 : 1
  }
  await releaseLane(database, lane)
}

type Next = 'again' | 'next' | 'together' | 'leave'
const mostTogether = 10_000

interface Run {
  /** How many messages it takes at most. */
  size: number
  /** Whether that was all of the lane. */
  hasAll: boolean
}

/** The first messages of a lane: their effects and their leaving it commit together. */
const runLane = async (
  consumption: Consumption,
  lane: Lane,
  counted: CountedHead,
  run: Run,
): Promise<Next> => {
  const isOurs = await consumption.database.transaction(async (transaction) => {
    const found = await ownMessages(transaction, lane, counted, run.size + 1)
    run.hasAll = found.length <= run.size
    const messages = found.slice(0, run.size)
    const [head] = messages
    if (!head) {
      await uncountHead(transaction, lane, counted)
      return false
    }
    const arrivals = messages.map(toLaneArrival)
    const ended = counted.attempts > consumption.patience.attempts
    const hopeless = ended ? uncleanEnd : arrivals[0]?.fault
    if (hopeless) {
      await giveUp(consumption, transaction, lane, head, hopeless)
      return true
    }
    const deliveries = leadingDeliveries(arrivals, counted.attempts)
    await consumption.work.handle(transaction, deliveries, { wait: true })
    const positions = messages.slice(0, deliveries.length).map(({ position }) => position)
    await removeFromLane(transaction, lane, positions)
    return true
  })
  consumption.work.committed?.()
  // Whoever else is at this lane goes on with it: two that count each other's runs give it up in vain.
  return isOurs ? 'next' : 'leave'
}

// Between counting and locking, somebody else may have run or discarded the head.
const ownMessages = async (
  transaction: Transaction,
  lane: Lane,
  { position, attempts }: CountedHead,
  size: number,
): Promise<readonly LaneMessage[]> => {
  if ((await lockLane(transaction, lane)) !== 'retrying') return []
  const messages = await laneMessages(transaction, lane, size)
  const [head] = messages
  return head?.position === position && head.attempts === attempts ? messages : []
}

const leadingDeliveries = (arrivals: readonly Arrival[], attempts: number): readonly Delivery[] => {
  const unreadable = arrivals.findIndex(({ fault }) => fault)
  const readable = unreadable < 0 ? arrivals : arrivals.slice(0, unreadable)
  return readable.flatMap((arrival, place) => toDelivery(arrival, place === 0 ? attempts : 1) ?? [])
}

const toLaneArrival = (head: LaneMessage): Arrival => ({
  ...toArrival(head.message),
  id: head.messageId,
  key: head.key,
})

/** What comes after a run that failed: the same again, the next thing, or leaving the lane for now. */
const afterError = async (
  consumption: Consumption,
  lane: Lane,
  counted: CountedHead,
  { size, hasAll }: Run,
  error: unknown,
): Promise<Next> => {
  const { outage, metrics, patience, signal, database } = consumption
  const failure = sortFailure(error)
  metrics?.retried(lane.subscription, failure)
  if (failure === 'away') {
    outage.met(error)
    return 'again'
  }
  // What the head lacks may be right behind it, such as an event that came after its successor.
  if (failure === 'contention' && !hasAll && size < mostTogether) return 'together'
  if (failure === 'contention' || size > 1) {
    await postponeLane(database, lane, counted, patience.laneRetryMs)
    return 'leave'
  }
  if (failure === 'handler' && counted.attempts < patience.attempts) {
    await pause(backoff(counted.attempts, patience.retryPauseMs, 5000), signal)
    return 'next'
  }
  await database.transaction(async (transaction) => {
    const [head] = await ownMessages(transaction, lane, counted, 1)
    if (head) await giveUp(consumption, transaction, lane, head, describeFailure(error))
  })
  consumption.work.committed?.()
  return 'leave'
}

const giveUp = async (
  consumption: Consumption,
  transaction: Transaction,
  lane: Lane,
  head: LaneMessage,
  fault: Fault,
) => {
  await closeLane(transaction, lane, head.position, fault)
  const attempts = Math.min(head.attempts, consumption.patience.attempts)
  const entry = { arrival: toLaneArrival(head), attempts, fault, dead: true }
  await tellOfHead(consumption, transaction, entry, head.epoch)
}
