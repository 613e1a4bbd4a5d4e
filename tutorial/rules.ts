import {
  arrivalAfterDeparture,
  completeItineraries,
  legsJoinUp,
  minimumOneAdult,
  minimumOneItinerary,
  validRoute,
} from '../shared/contracts/itinerary-rules.ts'
import type { Fault } from '../shared/kernel/fates.ts'
import type { NewReservation } from './mapper.ts'

type Rule = readonly [holds: (reservation: NewReservation) => readonly Fault[], words: string]

/** The business rules in the tutorial's words, in the order in which they are asked. */
const rules: readonly Rule[] = [
  [
    ({ itineraries }) => minimumOneItinerary(itineraries),
    'La reserva debe tener al menos un itinerario',
  ],
  [
    ({ itineraries }) => completeItineraries(itineraries),
    'Cada itinerario debe tener odos, segmentos y legs',
  ],
  [
    ({ itineraries }) => validRoute(itineraries),
    'La ruta no es válida: el origen y el destino deben ser diferentes',
  ],
  [
    ({ itineraries }) => arrivalAfterDeparture(itineraries),
    'La fecha de llegada no puede ser anterior a la fecha de salida',
  ],
  [
    ({ itineraries }) => legsJoinUp(itineraries),
    'Cada leg debe salir de donde llegó el anterior, y no antes de su llegada',
  ],
  [
    ({ passengers }) => minimumOneAdult(passengers ?? []),
    'Al menos uno de los pasajeros debe ser un adulto',
  ],
]

/** The first rule that a reservation breaks, in Spanish; undefined when all hold. */
export const brokenRule = (reservation: NewReservation): string | undefined =>
  rules.find(([faults]) => faults(reservation).length > 0)?.[1]
