import type { AggregateRow, AnyAggregate } from '../../uow/aggregate.ts'
import type {
  CommandHandler,
  Decision,
  Happened,
  Rejection,
  Rows,
  Sender,
} from '../../uow/handler.ts'

export const now = new Date('2026-01-02T03:04:05.000Z')

/** Given what happened before, when a command comes, then this is decided. Without a database. */
export const given = (...past: readonly Happened[]) => ({
  ...decided(past),
  by: (sender: Sender) => decided(past, sender),
})

const decided = (past: readonly Happened[], sender?: Sender) => ({
  when: <Command>(
    handler: CommandHandler<Command>,
    command: Command,
    granted = true,
  ): {
    readonly events: readonly string[]
    readonly rejected?: string
    readonly decision: Decision
  } => {
    const rows = rowsAfter(past)
    const decision = handler.decide(command, rows, {
      now,
      granted: () => granted,
      ...(sender ? { sender } : {}),
    })
    return isRejection(decision)
      ? { events: [], rejected: decision.rejected.slug, decision }
      : { events: decision.map(({ event }) => event.type), decision }
  },
})

/** The rows as folding the events leaves them. */
export const rowsAfter = (past: readonly Happened[]): Rows => {
  const rows = new Map<string, AggregateRow>()
  const place = (aggregate: AnyAggregate, id: string) => `${aggregate.name} ${id}`
  for (const { aggregate, id, event } of past) {
    const before = rows.get(place(aggregate, id))
    const after = aggregate.evolve(before as never, event as never, { id, now })
    rows.set(place(aggregate, id), { ...after, id, version: (before?.version ?? 0) + 1 })
  }
  return { get: (aggregate, id) => rows.get(place(aggregate, id)) as never }
}

export const isRejection = (decision: Decision): decision is Rejection => 'rejected' in decision
