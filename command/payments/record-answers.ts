import { RecordPaymentOutcome, type PaymentAnswer } from '../../shared/contracts/payments.ts'
import type { DataOf } from '../../shared/contracts/contract.ts'
import { appendOutbox, type OutboxEntry } from '../../shared/delivery/outbox.ts'
import { derivedId } from '../../shared/kernel/ids.ts'
import type { Database } from '../../shared/postgres/database.ts'
import { type Doubt, type PaymentCall, settleCalls } from './payment-calls.ts'

export interface Answered {
  readonly call: PaymentCall
  readonly answer: PaymentAnswer
  readonly reference: string | null
}

/**
 * Takes answered calls off the list and leaves their outcomes in the outbox, in one transaction. The lock
 * on a call's row puts what is said of it in order; what another gateway has recorded by now is left out.
 */
export const recordAnswers = (
  database: Database,
  answers: readonly Answered[],
  doubt: Doubt,
): Promise<void> =>
  database.transaction(async (transaction) => {
    const ids = (of: readonly Answered[]) => of.map(({ call }) => call.id)
    const late = answers.filter(({ answer }) => answer === 'timeout')
    const settled = await settleCalls(transaction, ids(answers), ids(late), doubt)
    const recorded = answers.filter(({ call }) => settled.has(call.id))
    const time = new Date().toISOString()
    await appendOutbox(
      transaction,
      recorded.map((answered) => outcomeOf(answered, time)),
    )
  })

/** Under the same id for the same answer, whoever records it: the inbox keeps one. */
const outcomeOf = ({ call, answer, reference }: Answered, time: string): OutboxEntry => {
  const { order_id, payment_key, traceparent } = call
  const data: DataOf<typeof RecordPaymentOutcome> = { order_id, payment_key, answer, reference }
  return {
    topic: RecordPaymentOutcome.topic,
    envelope: {
      id: derivedId('payment-outcome', call.id, answer),
      type: RecordPaymentOutcome.type,
      source: 'urn:aeroalpes:payment-gateway',
      time,
      subject: order_id,
      data,
      correlationId: call.correlation_id,
      causationId: call.id,
      ...(traceparent === null ? {} : { traceparent }),
    },
  }
}
