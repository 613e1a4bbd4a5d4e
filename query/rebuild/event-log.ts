import { namedVersion } from '../../shared/contracts/upcasting.ts'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import type { Queryable } from '../../shared/postgres/database.ts'
import type { Stream } from '../projection/view.ts'

/** A place in the log, in the order of its primary key. */
export interface LogPlace {
  readonly module: string
  readonly stream_id: string
  readonly version: number
}

/** Of one aggregate: the events after `version`, up to `wanted`. */
export interface Missing {
  readonly id: string
  readonly version: number
  readonly wanted: number
}

/** Where the log keeps the events of a stream: under the name of its aggregate. */
export interface LogModule {
  readonly module: string
  readonly stream: Stream
}

interface LogRow {
  readonly stream_module: string
  readonly stream_id: string
  readonly version: number
  readonly id: string
  readonly type: string
  readonly data: object
  readonly time: Date
  readonly correlation_id: string
  readonly causation_id: string
}

const columns = `e.stream_module, e.stream_id, e.version, e.id::text AS id, e.type, e.data, e.time,
  e.correlation_id, e.causation_id`

// A short look into the index for each module, however long the log is. Not at one event alone: that
// may be of a type that is not known here.
const beginnings = `
  WITH RECURSIVE m(module) AS (
    (SELECT stream_module FROM uow.event ORDER BY stream_module LIMIT 1)
    UNION ALL
    SELECT (SELECT e.stream_module FROM uow.event e WHERE e.stream_module > m.module
            ORDER BY e.stream_module LIMIT 1)
    FROM m WHERE m.module IS NOT NULL)
  SELECT m.module, ARRAY(SELECT e.type FROM uow.event e WHERE e.stream_module = m.module
                         ORDER BY e.stream_id, e.version LIMIT 100) AS types
  FROM m WHERE m.module IS NOT NULL`

/** The modules of the log that feed these streams; whose events no view knows are left out. */
export async function logModules(
  log: Queryable,
  streams: readonly Stream[],
): Promise<readonly LogModule[]> {
  const found = await log.query<{ module: string; types: readonly string[] }>(beginnings)
  return found.flatMap(({ module, types }) => {
    const stream = streams.find(({ contracts }) =>
      Object.values(contracts).some((contract) =>
        types.some((type) => namedVersion(contract, type) !== undefined),
      ),
    )
    return stream ? [{ module, stream }] : []
  })
}

const page = `
  SELECT ${columns} FROM uow.event e
  WHERE e.stream_module = $1 AND (e.stream_id, e.version) > ($2, $3::integer)
  ORDER BY e.stream_id, e.version LIMIT $4::integer`

/**
 * The events after a place in its module, aggregate by aggregate. Each aggregate's are committed in
 * their order, so a page never has a hole; one that commits behind the place later is not seen.
 */
export const readPage = async (
  log: Queryable,
  { module, stream_id, version }: LogPlace,
  limit: number,
): Promise<readonly Envelope[]> =>
  (await log.query<LogRow>(page, [module, stream_id, version, limit])).map(toEnvelope)

const missing = `
  SELECT ${columns} FROM unnest($2::text[], $3::integer[], $4::integer[]) AS w(id, version, wanted)
  JOIN LATERAL (
    SELECT * FROM uow.event e
    WHERE e.stream_module = $1 AND e.stream_id = w.id AND e.version > w.version
      AND e.version <= w.wanted
    ORDER BY e.version LIMIT $5::integer) e ON true
  LIMIT $5::integer`

/** What aggregates miss, at most `limit` events. */
export const readMissing = async (
  log: Queryable,
  module: string,
  wanted: readonly Missing[],
  limit: number,
): Promise<readonly Envelope[]> => {
  const rows = await log.query<LogRow>(missing, [
    module,
    wanted.map(({ id }) => id),
    wanted.map(({ version }) => version),
    wanted.map((each) => each.wanted),
    limit,
  ])
  return rows.map(toEnvelope)
}

/** The aggregates of a module after one, by id, and how far their events go. */
export const readHeads = (
  log: Queryable,
  module: string,
  after: string,
  limit: number,
): Promise<{ id: string; version: number }[]> =>
  log.query(
    `SELECT stream_id AS id, max(version) AS version FROM uow.event
     WHERE stream_module = $1 AND stream_id > $2 GROUP BY stream_id ORDER BY stream_id LIMIT $3::integer`,
    [module, after, limit],
  )

/** How many events the log has of each module. */
export const countEvents = async (log: Queryable): Promise<ReadonlyMap<string, number>> => {
  const rows = await log.query<{ module: string; events: number }>(
    `SELECT stream_module AS module, count(*)::float8 AS events FROM uow.event GROUP BY 1`,
  )
  return new Map(rows.map(({ module, events }) => [module, events]))
}

const toEnvelope = (row: LogRow): Envelope => ({
  id: row.id,
  type: row.type,
  source: `/aeroalpes/${row.stream_module}`,
  time: row.time.toISOString(),
  subject: row.stream_id,
  sequence: row.version,
  correlationId: row.correlation_id,
  causationId: row.causation_id,
  data: row.data,
})
