import { z } from 'zod'
import { itineraryFaults, minimumOneItinerary } from '../../shared/contracts/itinerary-rules.ts'
import { passenger } from '../../shared/contracts/reservations.ts'
import type { Fault } from '../../shared/kernel/fates.ts'
import { foreignId, instant, words } from '../fields.ts'

export const airportBody = z.strictObject({ code: words(10), name: words(200) })
const leg = z.strictObject({
  departure: instant(),
  arrival: instant(),
  origin: airportBody,
  destination: airportBody,
  flight_number: words(20).optional(),
})
const itinerary = z.strictObject({
  odos: z.array(z.strictObject({ segments: z.array(z.strictObject({ legs: z.array(leg) })) })),
})

export const createReservationBody = z
  .strictObject({
    client_id: foreignId().optional(),
    passengers: z.array(passenger).optional(),
    itineraries: z.array(itinerary),
  })
  .superRefine(({ itineraries, passengers }, context) => {
    const faults = [
      ...minimumOneItinerary(itineraries),
      ...itineraryFaults(itineraries, passengers),
    ]
    for (const fault of faults) context.addIssue(asIssue(fault))
  })

export const emptyBody = z.strictObject({})
export const payBody = z.strictObject({ payment_method: words(100).optional() })
export const cancelBody = z.strictObject({ reason: words(500).optional() })

const asIssue = ({ pointer, detail }: Fault) => ({
  code: 'custom' as const,
  message: detail,
  path: pointer.split('/').slice(1).map(step),
})
const step = (text: string) => (/^\d+$/.test(text) ? Number(text) : text)

export const exampleReservation = {
  client_id: '019aa3c4-5b7e-7c1d-8e2f-aaaaaaaaaaaa',
  passengers: [{ type: 'adult', class: 'economy' }],
  itineraries: [
    {
      odos: [
        {
          segments: [
            {
              legs: [
                {
                  departure: '2022-11-22T13:10:00Z',
                  arrival: '2022-11-22T15:10:00Z',
                  origin: { code: 'BOG', name: 'El Dorado' },
                  destination: { code: 'JFK', name: 'John F. Kennedy' },
                  flight_number: 'AV244',
                },
              ],
            },
          ],
        },
      ],
    },
  ],
} satisfies z.input<typeof createReservationBody>
