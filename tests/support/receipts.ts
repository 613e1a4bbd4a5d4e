import { commands, outcomesTopic } from '../../shared/contracts/topology.ts'
import { CommandFinished } from '../../shared/contracts/receipts.ts'
import { Transient } from '../../shared/kernel/fates.ts'
import { newId } from '../../shared/kernel/ids.ts'
import { toMessage } from '../../shared/messaging/envelope.ts'
import type { Broker, Consumer, ReceivedMessage } from '../../shared/messaging/port.ts'
import type { StoredReceipt } from '../../shared/receipts/read-receipt.ts'
import { until } from './until.ts'

export const aReceipt = (changes: Partial<StoredReceipt> = {}): StoredReceipt => ({
  command_id: newId(),
  type: commands.CreateReservation.type,
  status: 'accepted',
  id: '0197f1aa-5c1e-7d3a-8b9e-3a4b5c6d7e8f',
  owner: null,
  version: null,
  submitted_at: new Date().toISOString(),
  finished_at: null,
  attempts: 1,
  events: [],
  problem: null,
  ...changes,
})

export const completed = (of: StoredReceipt): StoredReceipt => ({
  ...of,
  status: 'completed',
  version: 1,
  finished_at: new Date().toISOString(),
})

const outcomeOf = (receipt: StoredReceipt) =>
  toMessage({
    id: newId(),
    type: CommandFinished.type,
    source: 'test',
    time: new Date().toISOString(),
    subject: receipt.command_id,
    correlationId: receipt.command_id,
    data: receipt,
  })

/** A broker of one topic that does what it is told: it can be away, and it can lose its consumers. */
export interface ScriptedBroker extends Pick<Broker, 'subscribe'> {
  readonly subscriptions: number
  readonly open: number
  /** Resolves when somebody listens. */
  readonly heard: Promise<void>
  /** Resolves when it was listened to so many times. */
  listening(times: number): Promise<void>
  /** Resolves when all that was delivered has been read. */
  read(): Promise<void>
  tell(receipt: StoredReceipt, at?: Date): void
  deliver(message: Partial<ReceivedMessage>): void
  goAway(): void
  comeBack(): void
}

export const scriptedBroker = (): ScriptedBroker => {
  const listening = Promise.withResolvers<void>()
  const consumers = new Set<ScriptedConsumer>()
  const state = { away: false, subscriptions: 0 }
  const deliver = (message: Partial<ReceivedMessage>) => {
    const delivered = { publishTime: new Date(), ...message } as ReceivedMessage
    for (const consumer of consumers) consumer.push(delivered)
  }
  return {
    get subscriptions() {
      return state.subscriptions
    },
    get open() {
      return consumers.size
    },
    heard: listening.promise,
    async subscribe() {
      state.subscriptions += 1
      if (state.away) throw new Transient('broker-unavailable', 'away')
      const consumer = scriptedConsumer(() => consumers.delete(consumer), listening.resolve)
      consumers.add(consumer)
      return consumer
    },
    listening: (times) =>
      until(() => state.subscriptions >= times && consumers.size > 0).then(() => {}),
    read: () => until(() => [...consumers].every(({ waiting }) => waiting === 0)).then(() => {}),
    tell(receipt, publishTime = new Date()) {
      const { key, payload, properties } = outcomeOf(receipt)
      deliver({ id: '1', topic: outcomesTopic, key, payload, properties, publishTime })
    },
    deliver,
    goAway() {
      state.away = true
      for (const consumer of consumers) consumer.fail()
    },
    comeBack() {
      state.away = false
    },
  }
}

interface ScriptedConsumer extends Consumer {
  readonly waiting: number
  push(message: ReceivedMessage): void
  fail(): void
}

const scriptedConsumer = (closed: () => void, listening: () => void): ScriptedConsumer => {
  const queue: ReceivedMessage[] = []
  let wake = Promise.withResolvers<void>()
  return {
    async receive(_max, signal) {
      listening()
      signal?.addEventListener('abort', () => wake.resolve(), { once: true })
      if (queue.length === 0 && !signal?.aborted) await wake.promise
      return queue.splice(0)
    },
    get waiting() {
      return queue.length
    },
    acknowledge: async () => undefined,
    negativeAcknowledge: async () => undefined,
    seek: async () => undefined,
    close: async () => closed(),
    push(message) {
      queue.push(message)
      wake.resolve()
      wake = Promise.withResolvers()
    },
    fail: () => wake.reject(new Transient('broker-unavailable', 'away')),
  }
}
