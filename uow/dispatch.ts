import { Misuse } from '../shared/kernel/fates.ts'
import type { DomainEvent } from './aggregate.ts'
import type { Deciding } from './decide.ts'
import { eventId } from './event-id.ts'
import type { Happened, Rows } from './handler.ts'
import type { KeptAggregate } from './kept-aggregate.ts'
import { asReadBack } from './recorded-event.ts'
import type { NeededRow } from './task.ts'
import { declared } from './working-rows.ts'

/** An integration event, as it goes to the event log and the outbox. */
export interface RecordedEvent {
  /** The same for the same command and place, however often it is decided again. */
  readonly id: string
  readonly type: string
  readonly topic: string
  readonly data: object
  readonly module: string
  readonly subject: string
  /** Version of the aggregate after this event. */
  readonly version: number
}

/** The command that makes things happen, and the rows it may change. */
export interface Cause {
  readonly commandId: string
  readonly needed: readonly NeededRow[]
  readonly seen: Rows
}

// Far beyond any chain that makes sense: an event that leads to itself must end somewhere, and one
// that leads to many of itself must end sooner.
const deepest = 16
const most = 1000

/**
 * Applies events and everything that reacts to them, breadth first, reactions in the order of their
 * table. Throws `Misuse` slug `runaway-reactions` when that does not come to an end.
 */
export const dispatch = (
  deciding: Deciding,
  cause: Cause,
  decision: readonly Happened[],
): readonly RecordedEvent[] => {
  const queue = decision.map((happened) => ({ happened, depth: 0 }))
  const recorded: RecordedEvent[] = []
  for (let next = 0; next < queue.length; next++) {
    const { happened, depth } = queue[next] as (typeof queue)[number]
    if (depth > deepest || queue.length - decision.length > most)
      throw new Misuse('runaway-reactions', `reactions to ${happened.event.type} do not end`)
    const event = apply(deciding, cause, happened, recorded.length)
    if (event) recorded.push(event)
    for (const further of reactionsTo(deciding, cause, happened))
      queue.push({ happened: further, depth: depth + 1 })
  }
  return recorded
}

const reactionsTo = ({ model, now }: Deciding, { seen }: Cause, { id, event }: Happened) =>
  (model.reactions[event.type] ?? []).flatMap((react) =>
    react(event as never, { id, rows: seen, now }),
  )

const apply = (
  { model, catalog, rows, now }: Deciding,
  { commandId, needed }: Cause,
  { aggregate, id, event }: Happened,
  index: number,
): RecordedEvent | undefined => {
  const kept = catalog.of(aggregate)
  const row = changeable(needed, kept, kept.canonical(id), event.type)
  const working = rows.find(kept, row.id)
  const mapper = model.integration[event.type]
  if (!working || mapper === undefined)
    throw new Misuse('event-without-mapper', `event ${event.type} has no entry in the mapper table`)
  if (mapper === null && kept.recorded) throw unrecorded(kept, event)
  const before = working.current
  const place = { id: row.id, now }
  const version = (before?.version ?? 0) + (mapper ? 1 : 0)
  const after = (one: DomainEvent) => ({ ...kept.evolve(before, one, place), id: row.id, version })
  working.current = after(event)
  if (!mapper) return undefined
  const published = mapper(event, working.current)
  if (kept.recorded) working.current = after(asReadBack(kept.recorded, published))
  const recorded = { id: eventId(commandId, index), module: kept.name, subject: row.id, version }
  return { ...published, ...recorded }
}

const unrecorded = ({ name }: KeptAggregate, { type }: DomainEvent) =>
  new Misuse('event-without-record', `${name} is kept as its events: ${type} cannot stay inside`)

const changeable = (
  needed: readonly NeededRow[],
  kept: KeptAggregate,
  id: string,
  type: string,
): NeededRow => {
  const row = declared(needed, kept, id)
  if (needed.some((other) => other.kept === kept && other.id === id && other.mode !== 'share'))
    return row
  throw new Misuse(
    'row-not-writable',
    `${type} would change row ${id} of ${kept.name}, which is only locked to be read`,
  )
}
