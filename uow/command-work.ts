import type { Logger } from 'pino'
import { deadLetterTopic, subscriptions } from '../shared/contracts/topology.ts'
import { appendOutbox } from '../shared/delivery/outbox.ts'
import type { Delivery, Parking, Work } from '../shared/delivery/work.ts'
import type { Transaction } from '../shared/postgres/database.ts'
import { finished, type OwnedReceipt, problemOf, receiptOf, saveReceipts } from './receipts.ts'
import type { UnitOfWork } from './unit-of-work.ts'

export interface CommandWorkOptions {
  readonly unitOfWork: UnitOfWork
  readonly logger: Logger
  readonly clock: () => Date
  /** Called after each COMMIT: the outbox may have rows for the relay. */
  readonly committed: () => void
}

/** What the command worker does with its messages: the unit of work, and a receipt for what is parked. */
export const commandWork = ({
  unitOfWork,
  logger,
  clock,
  committed,
}: CommandWorkOptions): Work => ({
  async handle(transaction, deliveries, { wait }) {
    const executed = await unitOfWork.execute(transaction, deliveries, { wait, now: clock() })
    if (logger.isLevelEnabled('debug')) logAll(logger, deliveries, executed.results)
    return executed
  },
  parked: (transaction, delivery, parking) => writeParked(transaction, delivery, parking, clock()),
  committed,
})

const logAll = (
  logger: Logger,
  deliveries: readonly Delivery[],
  receipts: readonly OwnedReceipt[],
) => {
  const envelopes = new Map(deliveries.map(({ envelope }) => [envelope.id, envelope]))
  for (const { command_id, type, status } of receipts) {
    const { correlationId, traceparent } = envelopes.get(command_id) ?? {}
    logger.debug(
      { command_id, correlation_id: correlationId, traceparent, type, status },
      'command',
    )
  }
}

const writeParked = async (
  transaction: Transaction,
  { envelope }: Delivery,
  parking: Parking,
  now: Date,
): Promise<void> => {
  const failed = parking.state === 'failed'
  const receipt = receiptOf(envelope, {
    status: failed ? 'failed' : 'accepted',
    version: null,
    finished_at: failed ? now.toISOString() : null,
    attempts: parking.attempts,
    events: [],
    problem: parkedProblem(parking),
  })
  await Promise.all([
    saveReceipts(transaction, [receipt]),
    failed && appendOutbox(transaction, finished(envelope, receipt, now)),
  ])
}

// The error's own text stays with the dead letter, for operators: a receipt is read by anybody.
const parkedProblem = ({ state, slug, attempts }: Parking) => {
  switch (state) {
    case 'waiting-behind':
      return problemOf(
        'waiting-behind',
        'an earlier command for the same thing has to be sorted out first; this one runs after it',
      )
    case 'retrying':
      return problemOf('retrying', 'what it needs is in use; it is tried again by itself')
    case 'failed':
      return problemOf(
        slug,
        `given up after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}; it waits in ${deadLetterTopic(subscriptions.worker)} to be redriven`,
      )
    default:
      return state satisfies never
  }
}
