import type { Queryable } from '../shared/postgres/database.ts'
import { rowSet } from '../shared/postgres/row-set.ts'
import type { RowLock } from '../shared/postgres/row-store.ts'
import type { StreamAggregate } from './aggregate.ts'
import { brokenStream, type Folding, foldStream, type StreamEntry } from './fold-stream.ts'
import type { Found, StateStore } from './state-store.ts'

const lockStreams = `
  SELECT id, version FROM uow.stream WHERE module = $1 AND id = ANY($2::text[]) ORDER BY id`

// A stream is there when its events are: its own row can be made again, and is held by whoever makes it.
const restore = `
  INSERT INTO uow.stream (module, id, version)
  SELECT $1, id, version FROM (
    SELECT id, (SELECT max(version) FROM uow.event
      WHERE stream_module = $1 AND stream_id = wanted.id) AS version
    FROM unnest($2::text[]) AS wanted(id)
    WHERE NOT EXISTS (SELECT FROM uow.stream s WHERE s.module = $1 AND s.id = wanted.id)) AS lost
  WHERE version IS NOT NULL ORDER BY id ON CONFLICT DO NOTHING RETURNING id, version`

const readEntries = `
  WITH snapshot AS (
    SELECT id, version, state FROM uow.snapshot
    WHERE module = $1 AND id = ANY($2::text[]) AND state_version = $3::integer)
  SELECT id, version, NULL AS type, state AS data, NULL::timestamptz AS time FROM snapshot
  UNION ALL
  SELECT e.stream_id, e.version, e.type, e.data, e.time
  FROM unnest($2::text[]) AS wanted(id) LEFT JOIN snapshot USING (id) CROSS JOIN LATERAL (
    SELECT stream_id, version, type, data, time FROM uow.event
    WHERE stream_module = $1 AND stream_id = wanted.id AND version > coalesce(snapshot.version, 0)
    ORDER BY version) AS e
  ORDER BY 1, 2`

const moved = rowSet({ id: 'text', version: 'integer', expected: 'integer' })

const advance = `
  WITH r AS (SELECT * FROM ${moved.from('r', 2)}),
  added AS (INSERT INTO uow.stream (module, id, version)
    SELECT $1, id, version FROM r WHERE expected IS NULL ORDER BY id ON CONFLICT DO NOTHING RETURNING id),
  changed AS (UPDATE uow.stream s SET version = r.version FROM r
    WHERE s.module = $1 AND s.id = r.id AND s.version = r.expected RETURNING s.id)
  SELECT id FROM added UNION ALL SELECT id FROM changed`

const folded = rowSet({ id: 'text', version: 'integer', state: 'json' })

// While two builds run side by side, the older one leaves the snapshots of the newer one alone.
const keepSnapshots = `
  INSERT INTO uow.snapshot (module, id, version, state, state_version)
  SELECT $1, id, version, state, $2::integer FROM ${folded.from('r', 3)} ORDER BY id
  ON CONFLICT (module, id) DO UPDATE
  SET version = EXCLUDED.version, state = EXCLUDED.state, state_version = EXCLUDED.state_version
  WHERE uow.snapshot.state_version <= EXCLUDED.state_version`

interface Stream {
  readonly id: string
  readonly version: number
}

type Snapshotting = Pick<StreamAggregate, 'name' | 'stateVersion' | 'snapshotEvery'>

/**
 * States that are folded from the event log, from the last snapshot on. The row of a stream is locked
 * as the rows of a table are. Snapshots and events are read by one statement, sent after the lock is
 * held: one that had waited for the lock itself would still show what was there before.
 */
export const streamStates = (
  { name, stateVersion, snapshotEvery = 100 }: Snapshotting,
  folding: Folding,
): StateStore => {
  const read = async (on: Queryable, ids: readonly string[]): Promise<readonly Found[]> => {
    const entries = await on.query<StreamEntry>(readEntries, [name, ids, stateVersion])
    const streams = Map.groupBy(entries, ({ id }) => id)
    return [...streams].map(([id, ofStream]) => foldStream(folding, id, ofStream))
  }
  return {
    read,
    async lock(on, ids, mode) {
      const held = await hold(on, name, ids, mode)
      if (held.size === 0) return []
      const found = new Map((await read(on, [...held.keys()])).map((state) => [state.id, state]))
      return [...held].map(([id, version]) => checked(name, { id, version }, found.get(id)))
    },
    async save(on, changed) {
      if (changed.length === 0) return []
      const streams = changed.map(({ row: { id, version }, found }) => ({
        id,
        version,
        expected: found?.row?.version,
      }))
      const due = changed.filter(
        ({ row, found }) => row.version - (found?.foldedFrom ?? 0) >= snapshotEvery,
      )
      const snapshots = due.map(({ row }) => ({ id: row.id, version: row.version, state: row }))
      const [saved] = await Promise.all([
        on.query<{ id: string }>(advance, [name, ...moved.parameters(streams)]),
        due.length > 0 &&
          on.query(keepSnapshots, [name, stateVersion, ...folded.parameters(snapshots)]),
      ])
      return saved.map(({ id }) => id)
    },
  }
}

/** The versions of the streams that are held from now on. */
const hold = async (
  on: Queryable,
  name: string,
  ids: readonly string[],
  mode: RowLock,
): Promise<ReadonlyMap<string, number>> => {
  const locked = await on.query<Stream>(`${lockStreams} ${mode}`, [name, ids])
  const held = new Map(locked.map(({ id, version }) => [id, version]))
  const missing = ids.filter((id) => !held.has(id))
  if (missing.length > 0)
    for (const { id, version } of await on.query<Stream>(restore, [name, missing]))
      held.set(id, version)
  return held
}

const checked = (name: string, { id, version }: Stream, found: Found | undefined): Found => {
  if (found?.unreadable !== undefined || found?.row?.version === version) return found
  const what = `its events end with ${found?.row?.version ?? 'none'}, and should with ${version}`
  return { id, row: undefined, unreadable: brokenStream(name, id, what) }
}
