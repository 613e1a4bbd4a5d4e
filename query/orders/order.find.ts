import type { OrderStatus } from '../../shared/contracts/orders.ts'
import { cutPage, type Page } from '../../shared/http/paging.ts'
import { batchedFind } from '../http/batched-find.ts'
import { columnsOf, type Condition, keysetList, type PageRequest } from '../http/keyset.ts'
import type { ListOf } from '../http/list-of.ts'
import type { ReadSide } from '../http/read-side.ts'
import { exampleOrder, orderJson, showOrder } from './order.json.ts'
import { type OrderCustomerRow, type OrderRow, orderTable } from './order.table.ts'

/** An order with its customer as known by now: the two come over different topics. */
export interface ListedOrder extends OrderRow {
  /** Null while nobody knows them as a user. */
  readonly customer: Pick<OrderCustomerRow, 'name' | 'email' | 'version'> | null
}

const columns = `${columnsOf(orderTable)}, (
  SELECT json_build_object('name', c.name, 'email', c.email, 'version', c.version)
  FROM read.order_customers c WHERE c.id = customer_id) AS customer`
const byIds = `SELECT ${columns} FROM read.orders WHERE id = ANY($1::uuid[])`
const list = keysetList<typeof orderTable, Pick<ListedOrder, 'customer'>>(
  orderTable,
  'created_at',
  columns,
)

export const orderFinder = ({ database }: Pick<ReadSide, 'database'>) =>
  batchedFind<ListedOrder>((ids) => database.query(byIds, [ids]))

export interface OrderFilter {
  readonly status?: OrderStatus | undefined
  readonly customer_id?: string | undefined
}

/** The orders that every one of the filters lets through, newest first. */
export const orderPage = async (
  { database }: Pick<ReadSide, 'database'>,
  filters: readonly OrderFilter[],
  page: PageRequest,
): Promise<Page<object>> => {
  const rows = await list(database, filters.flatMap(conditionsOf), page)
  return cutPage(rows, page.limit, (row) => [row.created_at.toISOString(), row.id], showOrder)
}

/** For another module's route that lists orders. */
export const orderList = (readSide: ReadSide): ListOf<{ readonly customer_id: string }> => ({
  item: orderJson,
  example: exampleOrder,
  page: (filter, page) => orderPage(readSide, [filter], page),
})

const conditionsOf = ({ status, customer_id }: OrderFilter): readonly Condition[] => [
  ...(status === undefined ? [] : [['status = ?', status] as const]),
  ...(customer_id === undefined ? [] : [['customer_id = ?', customer_id] as const]),
]
