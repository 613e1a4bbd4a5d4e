import { isUuid } from '../shared/kernel/ids.ts'
import type { Queryable } from '../shared/postgres/database.ts'
import type { LoggedEvent } from './event-log.ts'

export interface EventFilter {
  /** As the log calls it: the name of the aggregate. */
  readonly module?: string | undefined
  /** `OrderCreated`, or more of it: `aeroalpes.orders.OrderCreated`, `aeroalpes.orders.OrderCreated.v1` */
  readonly type?: string | undefined
  readonly since?: Date | undefined
  /** Id of an aggregate, or of those that share it: an order, its hold, its payment. */
  readonly of?: string | undefined
}

const columns = `e.stream_module, e.stream_id, e.version, e.id::text AS id, e.type, e.data, e.time,
  e.correlation_id, e.causation_id, e.command_id, e.traceparent`

type Condition = readonly [text: (parameter: string) => string, value: unknown]

// Only what is asked for is said: a condition that may hold for every row keeps indexes out of use.
const conditionsOf = ({ module, type, since, of }: EventFilter): readonly Condition[] => [
  ...(module === undefined ? [] : [[(p) => `e.stream_module = ${p}`, module] satisfies Condition]),
  ...(since ? [[(p) => `e.time >= ${p}`, since] satisfies Condition] : []),
  // Without its module an index is skipped through: https://www.postgresql.org/docs/18/indexes-multicolumn.html
  ...(of === undefined ? [] : [[ofStream, [of, of.toLowerCase()]] satisfies Condition]),
  ...(type === undefined ? [] : [[ofType, type] satisfies Condition]),
]

const ofStream = (ids: string) => `e.stream_id = ANY(${ids}::text[])`
const ofType = (name: string) =>
  `${name}::text IN (e.type, regexp_replace(e.type, '\\.v\\d+$', ''), split_part(e.type, '.', 3))`

const where = (conditions: readonly Condition[]) => ({
  text: conditions.map(([text], at) => text(`$${at + 1}`)).join(' AND ') || 'true',
  parameters: conditions.map(([, value]) => value),
})

/**
 * The newest events, at most `limit`, in the order of their time; with `of` those of the aggregates of
 * that id, in whatever module. Either of them, `of` or `since`, lets an index find them.
 */
export const listEvents = async (
  on: Queryable,
  { limit, ...filter }: EventFilter & { readonly limit: number },
): Promise<readonly LoggedEvent[]> => {
  const { text, parameters } = where(conditionsOf(filter))
  const newest = await on.query<LoggedEvent>(
    `SELECT ${columns} FROM uow.event e WHERE ${text}
     ORDER BY e.time DESC, e.stream_module DESC, e.stream_id DESC, e.version DESC LIMIT ${limit}`,
    parameters,
  )
  return newest.toReversed()
}

/** The event of that id. */
export const findEvent = async (on: Queryable, id: string): Promise<LoggedEvent | undefined> => {
  if (!isUuid(id)) return undefined
  const found = await on.query<LoggedEvent>(
    `SELECT ${columns} FROM uow.event e WHERE e.id = $1::uuid`,
    [id],
  )
  return found[0]
}

const place = '(e.stream_module, e.stream_id, e.version)'

/**
 * All events, in pages, aggregate by aggregate, each in the order of its versions: in one pass through
 * the primary key. What is recorded meanwhile behind the place is not seen.
 */
export async function* allEvents(
  on: Queryable,
  filter: EventFilter,
  pageSize = 1000,
): AsyncGenerator<readonly LoggedEvent[]> {
  let last: Pick<LoggedEvent, 'stream_module' | 'stream_id' | 'version'> | undefined = {
    stream_module: filter.module ?? '',
    stream_id: '',
    version: 0,
  }
  const { text, parameters } = where(conditionsOf(filter))
  const [module, id, version] = [1, 2, 3].map((nth) => `$${parameters.length + nth}`)
  while (last) {
    const page: readonly LoggedEvent[] = await on.query<LoggedEvent>(
      `SELECT ${columns} FROM uow.event e
       WHERE ${text} AND ${place} > (${module}, ${id}, ${version}::integer)
       ORDER BY ${place.slice(1, -1)} LIMIT ${pageSize}`,
      [...parameters, last.stream_module, last.stream_id, last.version],
    )
    if (page.length > 0) yield page
    last = page.length < pageSize ? undefined : page.at(-1)
  }
}
