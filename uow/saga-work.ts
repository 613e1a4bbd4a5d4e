import { appendOutbox, type OutboxEntry } from '../shared/delivery/outbox.ts'
import type { Delivery, Work } from '../shared/delivery/work.ts'
import { derivedId } from '../shared/kernel/ids.ts'
import type { Envelope } from '../shared/messaging/envelope.ts'
import type { Transaction } from '../shared/postgres/database.ts'
import { TimerFired } from '../shared/contracts/timers.ts'
import { blaming } from './blaming.ts'
import { tracing } from './event-log.ts'
import type { AnySaga, Reaction } from './saga.ts'
import { type Heard, sagaIdOf, sagaReader } from './saga-reader.ts'
import {
  type ChangedSaga,
  keepingOf,
  lockSagas,
  type SagaKeeping,
  type SagaRow,
  type SagaTable,
  saveSagas,
} from './saga-rows.ts'
import { withdrawTimers, type NewTimer, setTimers } from './timers.ts'

export interface SagaWorkOptions {
  readonly saga: AnySaga
  /** Default `saga`. */
  readonly table?: SagaTable
  readonly clock: () => Date
  /** Called after each COMMIT: the outbox may have rows for the relay. */
  readonly committed: () => void
}

/**
 * A process manager as a consumer's work. State, commands and timers of a reaction are written in the
 * transaction that marks its event as seen: after a crash there are all of them, or the event comes
 * again. Commands have ids of their own (saga, step, attempt), so that one sent twice takes effect once.
 */
export const sagaWork = ({ saga, table = 'saga', clock, committed }: SagaWorkOptions): Work => {
  const keeping = keepingOf(saga, table)
  const { listensTo, read } = sagaReader(saga)
  return {
    concerns: listensTo,
    async handle(transaction, deliveries, { wait }) {
      const heard = deliveries.flatMap((delivery) => read(delivery) ?? [])
      if (heard.length === 0) return { deferred: [] }
      const ids = [...new Set(heard.map(({ id }) => id))]
      const { rows, busy, over } = await lockSagas(transaction, keeping, ids, wait)
      const free = heard.filter(({ id }) => !busy.has(id) && !over.has(id))
      await write(transaction, saga, keeping, reactAll(saga, rows, free), clock())
      // Also what nobody listens to: nothing may overtake a message of its key.
      return { deferred: deliveries.filter((delivery) => busy.has(sagaIdOf(delivery))) }
    },
    committed,
  }
}

interface Reacted {
  readonly sagas: ReadonlyMap<string, SagaRow>
  readonly found: ReadonlyMap<string, SagaRow>
  readonly reactions: readonly { readonly heard: Heard; readonly reaction: Reaction }[]
}

/** In order: each event meets the state that the ones before it have left. */
const reactAll = (
  saga: AnySaga,
  found: ReadonlyMap<string, SagaRow>,
  heard: readonly Heard[],
): Reacted => {
  const sagas = new Map<string, SagaRow>()
  const reactions: { heard: Heard; reaction: Reaction }[] = []
  for (const one of heard) {
    const { id, event, delivery } = one
    const before = sagas.get(id) ?? found.get(id)
    const reaction = blaming(delivery.envelope.id, () =>
      saga.react(before?.state as never, event as never),
    )
    if (!reaction) continue
    sagas.set(id, { id, version: (found.get(id)?.version ?? 0) + 1, state: reaction.state })
    reactions.push({ heard: one, reaction })
  }
  return { sagas, found, reactions }
}

const write = async (
  transaction: Transaction,
  saga: AnySaga,
  keeping: SagaKeeping,
  { sagas, reactions }: Reacted,
  now: Date,
) => {
  const changed: ChangedSaga[] = [...sagas.values()].map((row) => ({
    ...row,
    ...saga.placeOf(row.state as never),
  }))
  // First the rows: only who holds them may draw outbox ids.
  await saveSagas(transaction, keeping, changed, now)
  const { timers, cancelled } = timersOf(saga, reactions)
  await setTimers(transaction, timers)
  await withdrawTimers(transaction, cancelled)
  await appendOutbox(
    transaction,
    reactions.flatMap(({ heard, reaction }) => commandsOf(keeping, heard, reaction, now)),
  )
}

/** The last word on each timer: an event may cancel what one before it in the batch has set. */
const timersOf = (saga: AnySaga, reactions: Reacted['reactions']) => {
  const last = new Map<string, NewTimer | undefined>()
  for (const { heard, reaction } of reactions) {
    for (const name of reaction.cancelled ?? []) last.set(timerId(saga, heard, name), undefined)
    for (const timer of reaction.timers ?? []) {
      const id = timerId(saga, heard, timer.name)
      last.set(id, { id, ...timer, topic: TimerFired.topic, message: firing(saga, heard, timer) })
    }
  }
  const ids = [...last.keys()]
  return {
    timers: [...last.values()].filter((timer) => timer !== undefined),
    cancelled: ids.filter((id) => last.get(id) === undefined),
  }
}

const timerId = (saga: AnySaga, { id }: Heard, name: string) =>
  derivedId('timer', saga.name, id, name)

const firing = (saga: AnySaga, heard: Heard, { name }: { readonly name: string }) => ({
  type: TimerFired.type,
  subject: heard.id,
  data: { timer_id: timerId(saga, heard, name), saga: saga.name, saga_id: heard.id, name },
  ...causedBy(heard.delivery),
})

const commandsOf = (
  { table, saga }: SagaKeeping,
  { id, delivery }: Heard,
  { commands = [] }: Reaction,
  now: Date,
): readonly OutboxEntry[] =>
  commands.map(({ contract, data, step, attempt }) => ({
    topic: contract.topic,
    envelope: {
      id: derivedId('saga', saga, id, step, String(attempt)),
      type: contract.type,
      source: `/aeroalpes/${table}s/${saga}`,
      time: now.toISOString(),
      subject: id,
      data,
      ...causedBy(delivery),
    },
  }))

const causedBy = ({
  envelope,
}: Delivery): Pick<Envelope, 'correlationId' | 'causationId' | 'traceparent' | 'tracestate'> => ({
  correlationId: envelope.correlationId,
  causationId: envelope.id,
  ...tracing(envelope),
})
