import { paymentCallsWork } from '../../command/payments/payment-calls.work.ts'
import {
  type ProviderCalls,
  type ProviderCallsOptions,
  startProviderCalls,
} from '../../command/payments/provider-calls.ts'
import type { PaymentMethod } from '../../shared/contracts/orders.ts'
import {
  paymentCommands,
  paymentEvents,
  type PaymentStatus,
} from '../../shared/contracts/payments.ts'
import { newId } from '../../shared/kernel/ids.ts'
import { fromMessage } from '../../shared/messaging/envelope.ts'
import { silent } from './delivery-probe.ts'
import { deliveryOf } from './recorded-events.ts'
import { until } from './until.ts'
import { commandOf, testWriteSide, type WriteSide } from './write-side.ts'

interface OutboxMessage {
  readonly topic: string
  readonly payload: Uint8Array
  readonly properties: Readonly<Record<string, string>>
}

export interface Booking {
  readonly entry: string
  readonly answer: string
  readonly minor: string
}

export interface PaymentHouse {
  readonly side: WriteSide
  charge(method: PaymentMethod, amount?: number, currency?: string): Promise<string>
  refund(orderId: string): Promise<unknown>
  /** Starts a gateway; `close` stops it. */
  ask(
    options: Pick<ProviderCallsOptions, 'provider'> & Partial<ProviderCallsOptions>,
  ): ProviderCalls
  /** Carries messages between the payments and their gateway until the payment is there. */
  reached(orderId: string, status: PaymentStatus): Promise<void>
  /** Carries every message that there is so often. */
  carry(times?: number): Promise<void>
  /** Short names of the payment's events, in order. */
  eventsOf(orderId: string): Promise<readonly string[]>
  bookingsOf(orderId: string): Promise<readonly Booking[]>
  close(): Promise<void>
}

/** Payments and their gateway without a broker: messages go by hand, and as often as a test wants. */
export const paymentHouse = async (deliver = 1): Promise<PaymentHouse> => {
  const side = await testWriteSide()
  const { database } = side
  const running: ProviderCalls[] = []
  const carryAll = carrier(side, () => running.forEach((calls) => calls.wake()))
  const carry = (times = deliver) => carryAll(times)
  const statusOf = async (orderId: string) => {
    const found = 'SELECT status FROM write.payments WHERE id = $1::uuid'
    const [row] = await database.query<{ status: string }>(found, [orderId])
    return row?.status
  }
  return {
    side,
    carry,
    async charge(payment_method, amount = 42.5, currency = 'EUR') {
      const order_id = newId()
      const charge = { order_id, payment_key: order_id, amount, currency, payment_method }
      await side.settle([commandOf('ChargePayment', order_id, charge)])
      return order_id
    },
    refund: (order_id) =>
      side.settle([commandOf('RefundPayment', order_id, { order_id, payment_key: order_id })]),
    ask(options) {
      const calls = startProviderCalls({ database, logger: silent, pollMs: 10, ...options })
      running.push(calls)
      return calls
    },
    async reached(orderId, status) {
      await until(async () => {
        await carry()
        return (await statusOf(orderId)) === status
      })
    },
    async eventsOf(orderId) {
      const rows = await database.query<{ type: string }>(
        `SELECT type FROM uow.event WHERE stream_module = 'payments' AND stream_id = $1 ORDER BY version`,
        [orderId],
      )
      return rows.map(({ type }) => type.split('.').at(-2) ?? '')
    },
    bookingsOf: (orderId) =>
      database.query<Booking>(
        'SELECT entry, answer, minor FROM write.sandbox_ledger WHERE payment_key = $1 ORDER BY entry',
        [orderId],
      ),
    async close() {
      await Promise.all(running.map((calls) => calls.stop()))
      await side.close()
    },
  }
}

const carrier = (side: WriteSide, wake: () => void) => {
  const { database } = side
  const work = paymentCallsWork(wake)
  const deliver = async ({ topic, ...message }: OutboxMessage) => {
    const envelope = fromMessage(message)
    if (topic === paymentCommands.ChargePayment.topic) await side.settle([envelope])
    if (topic !== paymentEvents.PaymentRequested.topic) return
    await database.transaction((tx) => work.handle(tx, [deliveryOf(envelope)], { wait: true }))
    work.committed?.()
  }
  return async (times: number) => {
    const messages = await database.query<OutboxMessage>(
      `WITH gone AS (DELETE FROM delivery.outbox RETURNING id, topic, payload, properties)
       SELECT * FROM gone ORDER BY id`,
    )
    for (const message of messages) for (let time = 0; time < times; time++) await deliver(message)
  }
}
