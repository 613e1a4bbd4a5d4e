import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { toItinerario, toItinerary, toNewReservation, toReserva } from './mapper.ts'
import { ejemplo, type Itinerario, reserva } from './reserva.ts'

const instant = fc
  .date({ min: new Date(0), max: new Date('2100-01-01T00:00:00Z'), noInvalidDate: true })
  .map((date) => `${date.toISOString().slice(0, 19)}Z`)
const aeropuerto = fc.record({ codigo: fc.string({ minLength: 1 }), nombre: fc.string() })
const leg = fc.record(
  {
    fecha_salida: instant,
    fecha_llegada: instant,
    origen: aeropuerto,
    destino: aeropuerto,
    numero_vuelo: fc.string(),
  },
  { requiredKeys: ['fecha_salida', 'fecha_llegada', 'origen', 'destino'] },
)
const few = { maxLength: 3 }
const itinerario: fc.Arbitrary<Itinerario> = fc.record({
  odos: fc.array(
    fc.record({ segmentos: fc.array(fc.record({ legs: fc.array(leg, few) }), few) }),
    few,
  ),
})

test('an itinerary comes back from English as it was', () => {
  fc.assert(
    fc.property(itinerario, (one) => {
      expect(toItinerario(toItinerary(one))).toEqual(one)
    }),
  )
})

test('a reservation is told in the form and to the second that the tutorial reads', () => {
  const { itineraries } = toNewReservation(ejemplo)
  const told = toReserva({
    id: '7',
    itineraries,
    created_at: '2026-11-20T10:00:00.123Z',
    updated_at: '2026-11-20T10:00:01.999Z',
  })
  expect(told).toEqual({
    fecha_creacion: '2026-11-20T10:00:00Z',
    fecha_actualizacion: '2026-11-20T10:00:01Z',
    id: '7',
    itinerarios: ejemplo.itinerarios,
  })
  expect(reserva.parse(told)).toEqual(told)
})

test('passengers and the client are told in English', () => {
  const body = toNewReservation({
    ...ejemplo,
    id_cliente: 'ana',
    pasajeros: [
      { tipo: 'adulto', clase: 'ejecutiva' },
      { tipo: 'infante', clase: 'economica' },
    ],
  })
  expect(body).toMatchObject({
    client_id: 'ana',
    passengers: [
      { type: 'adult', class: 'business' },
      { type: 'infant', class: 'economy' },
    ],
  })
})
