import { commandTopics, eventTopics, subscriptions } from '../../shared/contracts/topology.ts'
import type { Fleet } from './chaos-fleet.ts'
import type { Ledger } from './chaos-ledger.ts'
import { reservationsUnlikeTheirEvents } from './chaos-fold.ts'
import { eventually } from './system.ts'

/** Everything that may be wrong after the dust has settled. All empty: nothing is. */
export interface Verdict {
  /** Accepted, and no end of it is known. */
  readonly lost: readonly string[]
  /** Idempotency keys that became more than one command. */
  readonly doubledKeys: readonly string[]
  /** Took effect although nobody was promised it, and nobody was left without an answer. */
  readonly strays: number
  /** Commands whose receipt tells of other events than the log has, or of one stream twice. */
  readonly receiptsUnlikeTheLog: readonly string[]
  /** Aggregates whose versions do not run 1, 2, 3 … up to that of their row. */
  readonly gaps: readonly string[]
  /** Rows of views that differ from the write side, or from the fold of their events. */
  readonly viewsAtOdds: readonly string[]
  readonly outbox: number
  /** Keys whose lane is still there. */
  readonly lanes: readonly string[]
}

export const clean: Verdict = {
  lost: [],
  doubledKeys: [],
  strays: 0,
  receiptsUnlikeTheLog: [],
  gaps: [],
  viewsAtOdds: [],
  outbox: 0,
  lanes: [],
}

/** Waits until nothing moves any more (30 s at most), then looks at everything. */
export const verdict = async (fleet: Fleet, ledger: Ledger): Promise<Verdict> => {
  // What does not come to rest is what the verdict is about.
  await eventually('everything has come to rest', () => atRest(fleet)).catch((error: Error) =>
    console.log(error.message),
  )
  const { sql } = fleet
  const [outbox] = await sql<{ count: number }[]>`SELECT count(*)::int FROM delivery.outbox`
  return {
    ...(await promises(fleet, ledger)),
    receiptsUnlikeTheLog: ids(
      await sql<Named[]>`
      SELECT r.command_id AS id FROM uow.receipt r LEFT JOIN (
        SELECT command_id, count(*) AS events, count(DISTINCT (stream_module, stream_id)) AS streams
        FROM uow.event GROUP BY 1) e USING (command_id)
      WHERE coalesce(e.events, 0) <> coalesce(e.streams, 0)
        OR coalesce(e.events, 0) <> json_array_length(r.events)
        OR (r.status <> 'completed' AND e.events > 0)`,
    ),
    gaps: ids(
      await sql<Named[]>`
      SELECT e.stream_id AS id FROM (
        SELECT stream_module, stream_id, count(*) AS events, min(version) AS first, max(version) AS last
        FROM uow.event GROUP BY 1, 2) e
      LEFT JOIN (
        SELECT 'reservations' AS stream_module, id::text AS stream_id, version FROM write.reservations
        UNION ALL SELECT 'users', id::text, version FROM write.users
        UNION ALL SELECT 'flights', id::text, version FROM write.flights
        UNION ALL SELECT 'products', id::text, version FROM write.products
        UNION ALL SELECT 'inventory', id::text, version FROM write.stock
        UNION ALL SELECT 'stock-holds', id::text, version FROM write.stock_holds
        UNION ALL SELECT 'payments', id::text, version FROM write.payments
        UNION ALL SELECT 'shipping', id::text, version FROM write.shipments
        UNION ALL SELECT module, id, version FROM uow.stream
      ) w USING (stream_module, stream_id)
      WHERE e.first <> 1 OR e.last <> e.events OR w.version IS DISTINCT FROM e.last`,
    ),
    viewsAtOdds: [...(await viewsUnlikeTheWriteSide(fleet)), ...(await foldedApart(fleet))],
    outbox: outbox?.count ?? -1,
    lanes: ids(await sql<Named[]>`SELECT key AS id FROM delivery.lane`),
  }
}

interface Named {
  readonly id: string
}

const ids = (rows: readonly Named[]): string[] => few(rows.map(({ id }) => id))

/** Enough to look at. */
const few = (all: readonly string[]): string[] =>
  all.length > 5 ? [...all.slice(0, 5), `and ${all.length - 5} more`] : [...all]

const promises = async ({ sql }: Fleet, ledger: Ledger) => {
  const rows = await sql<(Named & { final: boolean })[]>`
    SELECT command_id AS id, status <> 'accepted' AS final FROM uow.receipt`
  const ended = new Set(rows.filter(({ final }) => final).map(({ id }) => id))
  // A request without a key whose connection broke, or that was told so by a 503, may have been stored.
  const unanswered = ledger.refusals.filter(({ keyed }) => !keyed).length
  const unpromised = rows.filter(({ id }) => !ledger.accepted.has(id)).length
  return {
    lost: few([...ledger.accepted.keys()].filter((id) => !ended.has(id))),
    doubledKeys: few(
      [...ledger.keys].filter(([, commands]) => commands.size > 1).map(([key]) => key),
    ),
    strays: Math.max(0, unpromised - unanswered),
  }
}

const viewsUnlikeTheWriteSide = async ({ sql }: Fleet) =>
  ids(
    await sql<Named[]>`
    SELECT coalesce(w.id, r.id)::text AS id
    FROM write.reservations w FULL JOIN read.reservations r USING (id)
    WHERE (w.version, w.status, w.client_id) IS DISTINCT FROM (r.version, r.status, r.client_id)
    UNION ALL
    SELECT coalesce(w.id, r.id)::text FROM write.users w FULL JOIN read.users r USING (id)
    WHERE (w.version, w.status) IS DISTINCT FROM (r.version, r.status)
    UNION ALL
    SELECT coalesce(w.id, r.id)::text FROM write.flights w FULL JOIN read.flights r USING (id)
    WHERE (w.version, w.taken::text) IS DISTINCT FROM (r.version, r.taken::text)
    UNION ALL
    SELECT coalesce(w.id, r.id)::text FROM write.products w FULL JOIN read.products_read r USING (id)
    WHERE (w.version, w.name, w.price) IS DISTINCT FROM (r.version, r.name, r.price)
    UNION ALL
    SELECT coalesce(w.id, r.id)::text FROM write.stock w FULL JOIN read.stock_levels r USING (id)
    WHERE (w.version, w.on_hand, w.held) IS DISTINCT FROM (r.version, r.on_hand, r.held)
    UNION ALL
    SELECT coalesce(w.id, r.id)::text FROM write.stock_holds w FULL JOIN read.stock_holds r USING (id)
    WHERE (w.version, w.status) IS DISTINCT FROM (r.version, r.status)
    UNION ALL
    SELECT coalesce(w.id, r.id)::text FROM write.payments w FULL JOIN read.payments r USING (id)
    WHERE (w.version, w.status) IS DISTINCT FROM (r.version, r.status)
    UNION ALL
    SELECT coalesce(w.id, r.id)::text FROM write.shipments w FULL JOIN read.shipments r USING (id)
    WHERE (w.version, w.status) IS DISTINCT FROM (r.version, r.status)
    UNION ALL
    SELECT coalesce(w.id, r.id::text) FROM read.orders r
    FULL JOIN (SELECT id, version FROM uow.stream WHERE module = 'orders') w ON w.id = r.id::text
    WHERE w.version IS DISTINCT FROM r.version`,
  )

const foldedApart = async ({ sql }: Fleet) => few(await reservationsUnlikeTheirEvents(sql))

// The others have no part in what is looked at here, and nobody may run them.
const alwaysRead: readonly string[] = [subscriptions.worker, subscriptions.projector]

const atRest = async ({ sql, broker }: Fleet): Promise<boolean> => {
  for (const topic of [...commandTopics, ...eventTopics]) {
    const { subscriptions: found } = await broker.stats(topic)
    const read = found.filter(({ name }) => alwaysRead.includes(name))
    if (read.some(({ backlog }) => backlog > 0)) return false
  }
  const [row] = await sql<{ busy: boolean }[]>`
    SELECT EXISTS (SELECT FROM delivery.outbox)
      OR EXISTS (SELECT FROM write.payment_calls WHERE state = 'asking')
      OR EXISTS (SELECT FROM delivery.lane WHERE state = 'retrying') AS busy`
  return row?.busy === false
}
