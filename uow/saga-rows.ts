import type { EventContract } from '../shared/contracts/contract.ts'
import { contended } from '../shared/delivery/failures.ts'
import type { Transaction } from '../shared/postgres/database.ts'
import { rowSet } from '../shared/postgres/row-set.ts'
import { endsInLog } from './ends-in-log.ts'
import type { AnySaga } from './saga.ts'

/** A saga as this transaction has found it. */
export interface SagaRow {
  readonly id: string
  readonly version: number
  readonly state: object
}

/** Where the states are: a process manager's, or what reactors remember each for itself. */
export type SagaTable = 'saga' | 'reactor'

/** Whose rows. */
export interface SagaKeeping {
  readonly table: SagaTable
  readonly saga: string
  /** What ends the thing that it is about, in the log. */
  readonly endedBy: readonly EventContract[]
}

export const keepingOf = ({ name, endedBy = [] }: AnySaga, table: SagaTable): SagaKeeping => ({
  table,
  saga: name,
  endedBy,
})

export interface LockedSagas {
  /** By id; a saga that has not begun has no row. */
  readonly rows: ReadonlyMap<string, SagaRow>
  /** Held by somebody else. Always empty when `wait`. */
  readonly busy: ReadonlySet<string>
  /** Has ended; or has not begun, and what it would be about has ended: it never begins. */
  readonly over: ReadonlySet<string>
}

const lock = (table: SagaTable) => `
  SELECT id, version, state, ended_at IS NOT NULL AS ended FROM uow.${table} WHERE saga = $1 AND id = ANY($2::text[])
  ORDER BY id COLLATE "C" FOR UPDATE`
// SKIP LOCKED leaves out a held row as silently as an absent one; what a plain read finds is held.
const missed = (table: SagaTable) => `
  SELECT id, true AS begun FROM uow.${table} WHERE saga = $1 AND id = ANY($2::text[])
  UNION ALL SELECT stream_id, false FROM uow.event
  WHERE stream_module = $3 AND stream_id = ANY($2::text[]) AND type LIKE ANY($4::text[])`

/** Locks the rows of sagas in ascending order of id, in one statement; a second one where some are missing. */
export const lockSagas = async (
  transaction: Transaction,
  { table, saga, endedBy }: SagaKeeping,
  ids: readonly string[],
  wait: boolean,
): Promise<LockedSagas> => {
  const locked = await transaction.query<SagaRow & { readonly ended: boolean }>(
    wait ? lock(table) : `${lock(table)} SKIP LOCKED`,
    [saga, ids],
  )
  const rows = new Map(locked.map((row) => [row.id, row]))
  const ended = new Set(locked.flatMap((row) => (row.ended ? [row.id] : [])))
  const missing = ids.filter((id) => !rows.has(id))
  if (missing.length === 0) return { rows, busy: new Set(), over: ended }
  const { module, types } = endsInLog(endedBy)
  const found = await transaction.query<{ id: string; begun: boolean }>(missed(table), [
    saga,
    missing,
    module,
    types,
  ])
  const idsOf = (wanted: boolean) =>
    new Set(found.flatMap(({ id, begun }) => (begun === wanted ? [id] : [])))
  const begun = idsOf(true)
  return { rows, busy: wait ? new Set() : begun, over: idsOf(false).difference(begun).union(ended) }
}

/** A saga as it is to be kept. */
export interface ChangedSaga extends SagaRow {
  readonly step: string
  readonly ended: boolean
}

const given = rowSet({
  id: 'text',
  version: 'integer',
  step: 'text',
  ended: 'boolean',
  state: 'json',
})

const save = (table: SagaTable) => `
  INSERT INTO uow.${table} AS saga (saga, id, version, step, ended_at, state, started_at, updated_at)
  SELECT $1, id, version, step, CASE WHEN ended THEN $2::timestamptz END, state, $2, $2
  FROM ${given.from('s', 3)}
  ORDER BY id COLLATE "C"
  ON CONFLICT (saga, id) DO UPDATE SET version = EXCLUDED.version, step = EXCLUDED.step,
    ended_at = EXCLUDED.ended_at, state = EXCLUDED.state, updated_at = EXCLUDED.updated_at
    WHERE saga.version = EXCLUDED.version - 1
  RETURNING id`

/**
 * Writes sagas, each one version further than it was found. Throws `contended` when one has begun
 * meanwhile: there was no row to lock.
 */
export const saveSagas = async (
  transaction: Transaction,
  { table, saga }: SagaKeeping,
  changed: readonly ChangedSaga[],
  now: Date,
): Promise<void> => {
  if (changed.length === 0) return
  const saved = await transaction.query(save(table), [saga, now, ...given.parameters(changed)])
  if (saved.length < changed.length)
    throw contended(`a ${table} ${saga} has begun while its beginning was decided on`)
}
