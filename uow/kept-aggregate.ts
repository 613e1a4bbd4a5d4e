import { Misuse } from '../shared/kernel/fates.ts'
import type { Aggregate, AnyAggregate } from './aggregate.ts'
import { type ReadRecorded, recordedReader } from './recorded-event.ts'
import { rowStates, type StateStore } from './state-store.ts'
import { streamStates } from './stream-states.ts'

/** An aggregate with the store of its states. */
export interface KeptAggregate {
  readonly name: string
  readonly rank: number
  readonly store: StateStore
  readonly evolve: Aggregate['evolve']
  /** The id as the store gives it back: UUIDs are in lower case, whatever was sent. */
  readonly canonical: (id: string) => string
  /** Reads recorded events back, where they are all that is kept. */
  readonly recorded?: ReadRecorded
}

export interface AggregateCatalog {
  /** Throws `Misuse` slug `double-rank` when another aggregate has the same rank or name. */
  of(aggregate: AnyAggregate): KeptAggregate
}

/** Every aggregate met so far. Ranks are what keeps transactions from waiting in a ring: unique. */
export const aggregateCatalog = (known: readonly AnyAggregate[] = []): AggregateCatalog => {
  const kept = new Map<AnyAggregate, KeptAggregate>()
  const add = (aggregate: AnyAggregate): KeptAggregate => {
    for (const other of kept.keys())
      if (other.rank === aggregate.rank || other.name === aggregate.name)
        throw new Misuse(
          'double-rank',
          `aggregates ${other.name} (rank ${other.rank}) and ${aggregate.name} (rank ${aggregate.rank})` +
            ' must differ in name and in rank',
        )
    const made = keep(aggregate)
    kept.set(aggregate, made)
    return made
  }
  for (const aggregate of known) if (!kept.has(aggregate)) add(aggregate)
  return { of: (aggregate) => kept.get(aggregate) ?? add(aggregate) }
}

const keep = (aggregate: AnyAggregate): KeptAggregate => {
  const { name, rank } = aggregate
  const evolve = aggregate.evolve as unknown as Aggregate['evolve']
  if ('table' in aggregate) {
    const store = rowStates(aggregate.table, { inTurns: aggregate.inTurns })
    return { name, rank, evolve, store, canonical: canonicalId(store.idType === 'uuid') }
  }
  const recorded = recordedReader(aggregate)
  const store = streamStates(aggregate, { name, evolve, read: recorded })
  return { name, rank, evolve, store, recorded, canonical: canonicalId(aggregate.ids !== 'text') }
}

const canonicalId = (isUuid: boolean) => (id: string) => (isUuid ? id.toLowerCase() : id)
