import { Misuse } from '../shared/kernel/fates.ts'
import { rowStore, type RowStore } from '../shared/postgres/row-store.ts'
import type { Aggregate, AggregateRow, AnyAggregate } from './aggregate.ts'

/** An aggregate with the store of its rows. */
export interface KeptAggregate {
  readonly name: string
  readonly rank: number
  readonly store: RowStore<AggregateRow>
  readonly evolve: Aggregate['evolve']
  /** The id as the table gives it back: Postgres writes UUIDs in lower case, whatever it was sent. */
  readonly canonical: (id: string) => string
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
  const store = rowStore(aggregate.table)
  return {
    name: aggregate.name,
    rank: aggregate.rank,
    // What a table gives back is known to the aggregate that declared it, and to nobody else.
    store: store as unknown as RowStore<AggregateRow>,
    evolve: aggregate.evolve as unknown as Aggregate['evolve'],
    canonical: store.idType === 'uuid' ? (id) => id.toLowerCase() : (id) => id,
  }
}
