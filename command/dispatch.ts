import type { DataOf } from '../shared/contracts/contract.ts'
import { type CommandName, type Commands, commands } from '../shared/contracts/topology.ts'
import { Transient } from '../shared/kernel/fates.ts'
import { within } from '../shared/kernel/within.ts'
import { type Envelope, toMessage } from '../shared/messaging/envelope.ts'
import type { Publisher } from '../shared/messaging/port.ts'

/** Whom each command is for: its id is the message key, and so the order in which it is handled. */
const keys = {
  RegisterUser: ({ user_id }) => user_id,
  ValidateUser: ({ user_id }) => user_id,
  DeactivateUser: ({ user_id }) => user_id,
  AddReservationToUser: ({ user_id }) => user_id,
  CreateReservation: ({ reservation_id }) => reservation_id,
  ApproveReservation: ({ reservation_id }) => reservation_id,
  PayReservation: ({ reservation_id }) => reservation_id,
  CancelReservation: ({ reservation_id }) => reservation_id,
  ScheduleFlight: ({ flight_id }) => flight_id,
  CreateProduct: ({ product_id }) => product_id,
  UpdateProduct: ({ product_id }) => product_id,
  AdjustStock: ({ product_id }) => product_id,
  HoldStock: ({ order_id }) => order_id,
  ReleaseStock: ({ order_id }) => order_id,
  CommitStock: ({ order_id }) => order_id,
  ChargePayment: ({ order_id }) => order_id,
  RefundPayment: ({ order_id }) => order_id,
  RecordPaymentOutcome: ({ order_id }) => order_id,
  PrepareShipment: ({ order_id }) => order_id,
  CancelShipment: ({ order_id }) => order_id,
  CreateOrder: ({ order_id }) => order_id,
  PayOrder: ({ order_id }) => order_id,
  CancelOrder: ({ order_id }) => order_id,
  MarkOrderReserved: ({ order_id }) => order_id,
  MarkOrderPaid: ({ order_id }) => order_id,
  MarkOrderShipped: ({ order_id }) => order_id,
} satisfies { readonly [Name in CommandName]: (data: DataOf<Commands[Name]>) => string }

/** What a command says of itself beside its data. */
export interface Submitted extends Pick<
  Envelope,
  'time' | 'expectedVersion' | 'owner' | 'agent' | 'fingerprint' | 'traceparent' | 'tracestate'
> {
  readonly commandId: string
}

/**
 * Resolves once the broker has stored the command, never before. Rejects within the deadline with
 * `Transient` slug `broker-unavailable` when it cannot; the detail tells whether it may still have been.
 */
export type Dispatch = <Name extends CommandName>(
  name: Name,
  data: DataOf<Commands[Name]>,
  submitted: Submitted,
) => Promise<void>

export interface DispatchOptions {
  readonly publisher: Pick<Publisher, 'publish'>
  /** With the deadline of a claim before it, within the 10 s in which a sender has its answer. */
  readonly deadlineMs?: number
  /** Once it aborts, nobody waits for a broker any more. */
  readonly hurry?: AbortSignal
}

/** The single dispatch: by the name of a command to its topic, key and envelope. */
export const dispatcher =
  ({ publisher, deadlineMs = 6000, hurry }: DispatchOptions): Dispatch =>
  async (name, data, { commandId, ...about }) => {
    const { topic, type } = commands[name]
    const subject = (keys[name] as (given: typeof data) => string)(data)
    const envelope: Envelope = {
      id: commandId,
      type,
      source: 'urn:aeroalpes:command-api',
      subject,
      correlationId: commandId,
      data,
      ...about,
    }
    try {
      const stored = publisher.publish(topic, toMessage(envelope))
      await within(deadlineMs, stored, lateAnswer, hurry)
    } catch (error) {
      throw error instanceof Transient ? unavailable(error) : error
    }
  }

class LateAnswer extends Transient {
  readonly sendBegan = true
}
const lateAnswer = () => new LateAnswer('broker-unavailable', 'the broker did not answer in time')

const unavailable = (cause: Transient): Transient =>
  new Transient(
    'broker-unavailable',
    'sendBegan' in cause && cause.sendBegan === true
      ? 'The broker did not confirm the command in time. It may still take effect: send it under an Idempotency-Key, so that repeating it is safe.'
      : 'The broker is away. The command was not sent and has no effect. Try again.',
    { cause },
  )
