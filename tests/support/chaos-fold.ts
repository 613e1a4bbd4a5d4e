import { isDeepStrictEqual } from 'node:util'
import type postgres from 'postgres'
import { fold } from '../../query/projection/fold.ts'
import type { ReservationRow } from '../../query/reservations/reservation.table.ts'
import {
  type ReservationEvent,
  reservationView,
} from '../../query/reservations/reservation.view.ts'

/** Ids of reservations whose row in the view is not what folding the event log gives. */
export const reservationsUnlikeTheirEvents = async (sql: postgres.Sql): Promise<string[]> => {
  const log = await sql<LoggedEvent[]>`
    SELECT id::text, stream_module AS module, type, data, stream_id AS subject, version AS sequence, time
    FROM uow.event WHERE stream_module = 'reservations' ORDER BY stream_id, version`
  const folded = fold(reservationView, new Map<string, ReservationRow>(), log.map(toEvent))
  const rows = await sql<ReservationRow[]>`SELECT * FROM read.reservations`
  const stored = new Map(rows.map((row) => [row.id, row]))
  return [...new Set([...folded.keys(), ...stored.keys()])].filter(
    (id) => !isDeepStrictEqual({ ...folded.get(id) }, { ...stored.get(id) }),
  )
}

type LoggedEvent = Omit<ReservationEvent, 'name'> & { readonly type: string }

const toEvent = ({ type, ...event }: LoggedEvent) =>
  ({ ...event, name: type.split('.')[2] }) as ReservationEvent
