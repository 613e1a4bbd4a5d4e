import { cutPage, type Page } from '../../shared/http/paging.ts'
import { rowStore } from '../../shared/postgres/row-store.ts'
import { batchedFind } from '../http/batched-find.ts'
import { type Condition, keysetList, type PageRequest } from '../http/keyset.ts'
import type { ListOf } from '../http/list-of.ts'
import type { ReadSide } from '../http/read-side.ts'
import { exampleReservation, reservationJson, showReservation } from './reservation.json.ts'
import { type ReservationRow, reservationTable } from './reservation.table.ts'

const store = rowStore(reservationTable)
const list = keysetList(reservationTable, 'created_at')

export const reservationFinder = ({ database }: Pick<ReadSide, 'database'>) =>
  batchedFind<ReservationRow>((ids) => store.read(database, ids))

export interface ReservationFilter {
  readonly status?: string | undefined
  readonly client_id?: string | undefined
  /** `false`: still to be paid, so neither paid nor cancelled. */
  readonly paid?: boolean | undefined
}

/** The reservations that every one of the filters lets through. */
export const reservationPage = async (
  { database }: Pick<ReadSide, 'database'>,
  filters: readonly ReservationFilter[],
  page: PageRequest,
): Promise<Page<object>> => {
  const rows = await list(database, filters.flatMap(conditionsOf), page)
  return cutPage(rows, page.limit, (row) => [row.created_at.toISOString(), row.id], showReservation)
}

/** For another module's route that lists reservations. */
export const reservationList = (readSide: ReadSide): ListOf<ReservationFilter> => ({
  item: reservationJson,
  example: exampleReservation,
  page: (filter, page) => reservationPage(readSide, [filter], page),
})

const conditionsOf = ({ status, client_id, paid }: ReservationFilter): readonly Condition[] => [
  ...(status === undefined ? [] : [['status = ?', status] as const]),
  ...(client_id === undefined ? [] : [['client_id = ?', client_id] as const]),
  ...(paid === undefined ? [] : [[paid ? "status = 'PAID'" : unpaid] as const]),
]

const unpaid = "status IN ('PENDING', 'APPROVED')"
