import { describe, expect, test } from 'bun:test'
import {
  array,
  assert,
  integer,
  nat,
  pre,
  property,
  record,
  stringMatching,
  uniqueArray,
} from 'fast-check'
import {
  arrivalAfterDeparture,
  completeItineraries,
  itineraryFaults,
  legsJoinUp,
  minimumOneAdult,
  minimumOneItinerary,
  validRoute,
} from './itinerary-rules.ts'
import type { Itinerary, Leg } from './reservations.ts'

const start = Date.UTC(2022, 10, 22, 13, 10)
const at = (minutes: number) => new Date(start + minutes * 60_000).toISOString()
const airport = (code: string) => ({ code, name: `airport ${code}` })
const leg = (from: string, to: string, departs: number, arrives: number): Leg => ({
  departure: at(departs),
  arrival: at(arrives),
  origin: airport(from),
  destination: airport(to),
})
const oneOdo = (...segments: readonly (readonly Leg[])[]): Itinerary => ({
  odos: [{ segments: segments.map((legs) => ({ legs: [...legs] })) }],
})
const pointersOf = (faults: readonly { pointer: string }[]) => faults.map(({ pointer }) => pointer)

/** A way through distinct airports: stops, minutes flown and minutes waited, and where segments end. */
const route = record({
  stops: uniqueArray(stringMatching(/^[A-Z]{3}$/), { minLength: 2, maxLength: 6 }),
  flown: array(nat(900), { minLength: 6, maxLength: 6 }),
  waited: array(nat(900), { minLength: 6, maxLength: 6 }),
  cut: nat(5),
}).map(({ stops, flown, waited, cut }) => {
  let clock = 0
  const legs = stops.slice(1).map((to, i) => {
    const departs = clock + waited[i]!
    clock = departs + flown[i]!
    return leg(stops[i]!, to, departs, clock)
  })
  const parts = [legs.slice(0, cut), legs.slice(cut)].filter((part) => part.length > 0)
  return { legs, itinerary: oneOdo(...parts) }
})

describe('any way whose legs join up', () => {
  test('breaks no rule, however its legs are grouped', () => {
    assert(
      property(array(route, { minLength: 1, maxLength: 3 }), (routes) => {
        expect(itineraryFaults(routes.map(({ itinerary }) => itinerary))).toEqual([])
      }),
    )
  })

  test('breaks a rule as soon as one leg starts elsewhere', () => {
    assert(
      property(route, nat(), ({ legs }, pick) => {
        pre(legs.length > 1)
        const i = 1 + (pick % (legs.length - 1))
        const moved = legs.map((l, n) => (n === i ? { ...l, origin: airport('elsewhere') } : l))
        expect(pointersOf(legsJoinUp([oneOdo(moved)]))).toEqual([
          `/itineraries/0/odos/0/segments/0/legs/${i}/origin/code`,
        ])
      }),
    )
  })

  test('breaks a rule as soon as one leg lands before it takes off', () => {
    assert(
      property(route, nat(), integer({ min: 1, max: 900 }), ({ legs }, pick, early) => {
        const i = pick % legs.length
        const wrong = legs.map((l, n) =>
          n === i
            ? { ...l, arrival: new Date(Date.parse(l.departure) - early * 60_000).toISOString() }
            : l,
        )
        expect(pointersOf(arrivalAfterDeparture([oneOdo(wrong)]))).toEqual([
          `/itineraries/0/odos/0/segments/0/legs/${i}/arrival`,
        ])
      }),
    )
  })

  test('breaks a rule as soon as one leg goes nowhere', () => {
    assert(
      property(route, nat(), ({ legs }, pick) => {
        const i = pick % legs.length
        const still = legs.map((l, n) => (n === i ? { ...l, destination: l.origin } : l))
        expect(pointersOf(validRoute([oneOdo(still)]))).toContain(
          `/itineraries/0/odos/0/segments/0/legs/${i}/destination/code`,
        )
      }),
    )
  })
})

test('a reservation without an itinerary breaks only the rule of the edges', () => {
  expect(pointersOf(minimumOneItinerary([]))).toEqual(['/itineraries'])
  expect(itineraryFaults([])).toEqual([])
})

test('an empty level is named wherever it is', () => {
  expect(pointersOf(completeItineraries([{ odos: [] }]))).toEqual(['/itineraries/0/odos'])
  expect(pointersOf(completeItineraries([{ odos: [{ segments: [] }] }]))).toEqual([
    '/itineraries/0/odos/0/segments',
  ])
  expect(pointersOf(completeItineraries([oneOdo([leg('BOG', 'JFK', 0, 1)], [])]))).toEqual([
    '/itineraries/0/odos/0/segments/1/legs',
  ])
})

test('an airport is the same in lower case', () => {
  expect(validRoute([oneOdo([leg('BOG', 'bog', 0, 60)])])).toHaveLength(1)
  expect(legsJoinUp([oneOdo([leg('BOG', 'mia', 0, 60), leg('MIA', 'JFK', 90, 200)])])).toEqual([])
})

test('an odo that ends where it began is no way from origin to destination', () => {
  const there = leg('BOG', 'JFK', 0, 60)
  const back = leg('JFK', 'BOG', 90, 150)
  expect(pointersOf(validRoute([oneOdo([there], [back])]))).toEqual(['/itineraries/0/odos/0'])
  const roundTrip = { odos: [there, back].map((l) => ({ segments: [{ legs: [l] }] })) }
  expect(itineraryFaults([roundTrip])).toEqual([])
})

test('odos need not join up: that is an open jaw', () => {
  const out = leg('BOG', 'JFK', 0, 60)
  const home = leg('BOS', 'BOG', 90, 150)
  expect(
    itineraryFaults([{ odos: [out, home].map((l) => ({ segments: [{ legs: [l] }] })) }]),
  ).toEqual([])
})

test('a leg may depart at the minute the last one lands, and not before', () => {
  const first = leg('BOG', 'MIA', 0, 60)
  expect(legsJoinUp([oneOdo([first, leg('MIA', 'JFK', 60, 90)])])).toEqual([])
  expect(pointersOf(legsJoinUp([oneOdo([first, leg('MIA', 'JFK', 59, 90)])]))).toEqual([
    '/itineraries/0/odos/0/segments/0/legs/1/departure',
  ])
})

test('times are compared as instants, not as text', () => {
  const late = { ...leg('BOG', 'JFK', 0, 0), departure: '2022-11-22T13:10:00Z' }
  expect(
    arrivalAfterDeparture([oneOdo([{ ...late, arrival: '2022-11-22T13:10:00.000Z' }])]),
  ).toEqual([])
})

test('children do not travel alone; nobody named is fine', () => {
  const minor = { type: 'minor', class: 'economy' } as const
  expect(pointersOf(minimumOneAdult([minor]))).toEqual(['/passengers'])
  expect(minimumOneAdult([minor, { type: 'adult', class: 'first' }])).toEqual([])
  expect(minimumOneAdult([])).toEqual([])
})
