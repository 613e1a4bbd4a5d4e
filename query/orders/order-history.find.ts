import { z } from 'zod'
import { orderEvents } from '../../shared/contracts/orders.ts'
import { events } from '../../shared/contracts/topology.ts'
import { contractReader, upcastData } from '../../shared/contracts/upcasting.ts'
import { cursorTime, cutPage, decodeCursor, type Page } from '../../shared/http/paging.ts'
import { Poison, Transient } from '../../shared/kernel/fates.ts'
import type { Queryable } from '../../shared/postgres/database.ts'
import { columnsOf, type PageRequest } from '../http/keyset.ts'
import { showEvent } from './order-history.json.ts'
import { type OrderHistoryRow, orderHistoryTable, type OrderRow } from './order.table.ts'
import { type OrderEvent, orderView, type ProjectedOrder } from './order.view.ts'

const select = `SELECT ${columnsOf(orderHistoryTable)} FROM read.order_history WHERE order_id = $1::uuid`
// What happened at once, in one transaction, is told module by module, and in each by its versions.
const place = '(time, module, version, id)'
const inOrder = 'ORDER BY time, module, version, id LIMIT $2::integer'
const firstPage = `${select} ${inOrder}`
const nextPage = `${select} AND ${place} > ($3::timestamptz, $4, $5::integer, $6::uuid) ${inOrder}`
const placeKey = z.tuple([cursorTime, z.string(), z.int32(), z.guid()])
const ownEvents = `${select} AND module = $2 ORDER BY version`

const reader = contractReader(Object.values(events))

/** People read it as it was kept, and can tell. */
const asKept = (row: OrderHistoryRow): OrderHistoryRow => row

const refuse = ({ version, type }: OrderHistoryRow, cause: Poison): never => {
  throw new Transient(
    'unknown-version',
    `Event ${version} of the order is ${type}, which is newer than what is known here. Ask again after the update.`,
    { cause },
  )
}

/** An event in the current version of its contract; `newer` says what becomes of one of a newer build. */
const asOfToday = (
  row: OrderHistoryRow,
  newer: (row: OrderHistoryRow, cause: Poison) => OrderHistoryRow,
): OrderHistoryRow => {
  try {
    return upcast(row)
  } catch (error) {
    if (error instanceof Poison && error.slug === 'unknown-version') return newer(row, error)
    throw error
  }
}

const upcast = (row: OrderHistoryRow): OrderHistoryRow => {
  const found = reader.find(row.type)
  if (!found || found.version === found.contract.version) return row
  return { ...row, type: found.contract.type, data: upcastData(found, row.data) as object }
}

/** What has happened to an order, from its beginning. */
export const historyPage = async (
  on: Queryable,
  orderId: string,
  { limit, cursor }: PageRequest,
): Promise<Page<object>> => {
  const rows = await on.query<OrderHistoryRow>(
    cursor === undefined ? firstPage : nextPage,
    cursor === undefined
      ? [orderId, limit + 1]
      : [orderId, limit + 1, ...decodeCursor(cursor, placeKey)],
  )
  return cutPage(
    rows,
    limit,
    ({ time, module, version, id }) => [time.toISOString(), module, version, id],
    (row) => showEvent(asOfToday(row, asKept)),
  )
}

/**
 * The order as its events up to a moment leave it; `undefined` where it did not exist. By the versions
 * of the order: clocks of several workers may disagree about what came first. Throws `Transient` slug
 * `unknown-version` where one of them was written by a newer build.
 */
export const orderAt = async (
  on: Queryable,
  orderId: string,
  at: Date,
): Promise<OrderRow | undefined> => {
  const [{ module }] = [orderEvents.OrderCreated]
  const rows = await on.query<OrderHistoryRow>(ownEvents, [orderId, module])
  const later = rows.findIndex(({ time }) => time > at)
  const past = later < 0 ? rows : rows.slice(0, later)
  let order: ProjectedOrder | undefined
  for (const row of past)
    order = orderView.project(order as OrderRow, asEvent(asOfToday(row, refuse)))
  return order && { ...order, version: past.length, revision: orderView.revision }
}

const asEvent = (row: OrderHistoryRow): OrderEvent =>
  ({
    id: row.id,
    module: row.module,
    type: row.type,
    name: reader.find(row.type)?.contract.name,
    data: row.data,
    subject: row.order_id,
    sequence: row.version,
    time: row.time,
    correlationId: row.correlation_id,
    causationId: row.causation_id,
  }) as OrderEvent
