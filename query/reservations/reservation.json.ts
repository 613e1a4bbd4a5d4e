import { z } from 'zod'
import {
  itinerary,
  passenger,
  reservationStatuses,
  tripTypes,
} from '../../shared/contracts/reservations.ts'
import type { ReservationRow } from './reservation.table.ts'

export const reservationJson = z
  .object({
    id: z.guid(),
    client_id: z.string().nullable(),
    status: z.enum(reservationStatuses),
    itineraries: z.array(itinerary),
    passengers: z.array(passenger),
    trip_type: z.enum(tripTypes).nullable(),
    route: z.string().nullable(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    version: z.number().int(),
  })
  .meta({ id: 'Reservation' })

/** A reservation as the contract shows it: field by field, so that no new column is shown by accident. */
export const showReservation = (row: ReservationRow) => ({
  id: row.id,
  client_id: row.client_id,
  status: row.status,
  itineraries: row.itineraries,
  passengers: row.passengers,
  trip_type: row.trip_type,
  route: row.route,
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
  version: row.version,
})

export const exampleReservation = {
  id: '0197f1aa-5c1e-7d3a-8b9e-3a4b5c6d7e8f',
  client_id: '0197f1aa-0000-7d3a-8b9e-3a4b5c6d7e8f',
  status: 'APPROVED',
  itineraries: [
    {
      odos: [
        {
          segments: [
            {
              legs: [
                {
                  departure: '2026-12-22T13:10:00Z',
                  arrival: '2026-12-22T18:10:00Z',
                  origin: { code: 'BOG', name: 'El Dorado' },
                  destination: { code: 'JFK', name: 'John F. Kennedy' },
                },
              ],
            },
          ],
        },
      ],
    },
  ],
  passengers: [{ type: 'adult', class: 'economy' }],
  trip_type: 'ONE_WAY',
  route: 'BOG-JFK',
  created_at: '2026-11-20T10:00:00.000Z',
  updated_at: '2026-11-20T10:00:03.000Z',
  version: 2,
}
