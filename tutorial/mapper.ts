import type { Itinerary, Leg, Passenger } from '../shared/contracts/reservations.ts'
import type { Itinerario, NuevaReserva, Pasajero, Reserva } from './reserva.ts'

/** The body of POST /reservations. */
export interface NewReservation {
  readonly client_id?: string
  readonly passengers?: Passenger[]
  readonly itineraries: Itinerary[]
}

/** What is read of GET /reservations/{id}. */
export interface ReadReservation {
  readonly id: string
  readonly itineraries: readonly Itinerary[]
  readonly created_at: string
  readonly updated_at: string
}

export const toNewReservation = (nueva: NuevaReserva): NewReservation => ({
  ...(nueva.id_cliente === undefined ? {} : { client_id: nueva.id_cliente }),
  ...(nueva.pasajeros === undefined ? {} : { passengers: nueva.pasajeros.map(toPassenger) }),
  itineraries: nueva.itinerarios.map(toItinerary),
})

export const toReserva = (read: ReadReservation): Reserva => ({
  fecha_creacion: toInstant(read.created_at),
  fecha_actualizacion: toInstant(read.updated_at),
  id: read.id,
  itinerarios: read.itineraries.map(toItinerario),
})

export const toItinerary = ({ odos }: Itinerario): Itinerary => ({
  odos: odos.map(({ segmentos }) => ({
    segments: segmentos.map(({ legs }) => ({ legs: legs.map(toLeg) })),
  })),
})

export const toItinerario = ({ odos }: Itinerary): Itinerario => ({
  odos: odos.map(({ segments }) => ({
    segmentos: segments.map(({ legs }) => ({ legs: legs.map(toSpanishLeg) })),
  })),
})

type SpanishLeg = Itinerario['odos'][number]['segmentos'][number]['legs'][number]

const toLeg = (leg: SpanishLeg): Leg => ({
  departure: leg.fecha_salida,
  arrival: leg.fecha_llegada,
  origin: { code: leg.origen.codigo, name: leg.origen.nombre },
  destination: { code: leg.destino.codigo, name: leg.destino.nombre },
  ...(leg.numero_vuelo === undefined ? {} : { flight_number: leg.numero_vuelo }),
})

const toSpanishLeg = (leg: Leg): SpanishLeg => ({
  fecha_salida: toInstant(leg.departure),
  fecha_llegada: toInstant(leg.arrival),
  origen: { codigo: leg.origin.code, nombre: leg.origin.name },
  destino: { codigo: leg.destination.code, nombre: leg.destination.name },
  ...(leg.flight_number === undefined ? {} : { numero_vuelo: leg.flight_number }),
})

const types = {
  adulto: 'adult',
  menor: 'minor',
  infante: 'infant',
} as const satisfies Record<Pasajero['tipo'], Passenger['type']>
const classes = {
  economica: 'economy',
  premium: 'premium',
  ejecutiva: 'business',
  primera: 'first',
} as const satisfies Record<Pasajero['clase'], Passenger['class']>

const toPassenger = ({ tipo, clase }: Pasajero): Passenger => ({
  type: types[tipo],
  class: classes[clase],
})

/** `%Y-%m-%dT%H:%M:%SZ`: the tutorial's clients parse nothing finer. */
const toInstant = (time: string): string => `${new Date(time).toISOString().slice(0, 19)}Z`
