import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { reservationEvents } from '../../shared/contracts/reservations.ts'
import type { ReservationRow } from '../reservations/reservation.table.ts'
import { reservationView } from '../reservations/reservation.view.ts'
import { fold, sortBySequence } from './fold.ts'
import type { StreamEvent } from './view.ts'

const id = '01970000-0000-7000-8000-000000000001'
const names = [
  'ReservationCreated',
  'ReservationAssigned',
  'ReservationApproved',
  'ReservationPaid',
  'ReservationCancelled',
] as const satisfies readonly (keyof typeof reservationEvents)[]

const dataOf = (name: (typeof names)[number]) =>
  name === 'ReservationCreated'
    ? {
        reservation_id: id,
        client_id: null,
        passengers: [],
        itineraries: [],
        trip_type: null,
        route: null,
        created_at: '2026-01-01T00:00:00.000Z',
      }
    : { reservation_id: id, client_id: 'c', reason: null, payment_method: null }

const history: readonly StreamEvent[] = names.map((name, index) => ({
  id: `event-${index}`,
  module: 'reservations',
  type: `aeroalpes.reservations.${name}.v1`,
  name,
  data: dataOf(name),
  subject: id,
  sequence: index + 1,
  time: new Date(Date.UTC(2026, 0, 1, 0, index)),
  correlationId: 'correlation',
  causationId: null,
}))

const view = reservationView as unknown as Parameters<typeof fold<ReservationRow, StreamEvent>>[0]

const inOrder = fold(view, new Map(), history).get(id)

/** Takes events in portions; what is early comes again with the next one, as the broker would do. */
function replay(portions: readonly (readonly StreamEvent[])[]) {
  const rows = new Map<string, ReservationRow>()
  let held: readonly StreamEvent[] = []
  for (const portion of portions) {
    const sorted = sortBySequence([...held, ...portion], (of) => rows.get(of)?.version ?? 0)
    for (const [of, row] of fold(view, rows, sorted.due)) if (row) rows.set(of, row)
    held = sorted.early
  }
  return { row: rows.get(id), held }
}

test('any order, with duplicates and in any portions, gives the row of the history in order', () => {
  const deliveries = fc
    .array(fc.constantFrom(...history), { maxLength: 15 })
    .chain((extra) =>
      fc.shuffledSubarray([...history, ...extra], { minLength: history.length + extra.length }),
    )
  fc.assert(
    fc.property(deliveries, fc.array(fc.integer({ min: 1, max: 5 })), (events, sizes) => {
      const portions: StreamEvent[][] = []
      let rest = events
      for (const size of sizes) {
        portions.push(rest.slice(0, size))
        rest = rest.slice(size)
      }
      const { row, held } = replay([...portions, rest])
      expect(held).toEqual([])
      expect(row).toEqual(inOrder!)
    }),
  )
})

test('an event behind a gap is never applied, and holds back what came with it', () => {
  const [first, second, third, fourth] = history
  const before = replay([[first!], [second!, fourth!]])
  expect(before.row).toMatchObject({ version: 1, status: 'PENDING' })
  expect(before.held).toEqual([second!, fourth!])
  const after = replay([[first!], [second!, fourth!], [third!]])
  expect(after.row).toMatchObject({ version: 4, status: 'PAID' })
  expect(after.held).toEqual([])
})

test('an event that the row has seen changes nothing', () => {
  const { due, early } = sortBySequence(history, () => history.length)
  expect(due).toEqual([])
  expect(early).toEqual([])
})

test('the events of one aggregate do not wait for those of another', () => {
  const other = history.map((event) => ({ ...event, subject: 'other' }))
  const { due, early } = sortBySequence([history[1]!, ...other.slice(0, 2)], () => 0)
  expect(due.map(({ subject }) => subject)).toEqual(['other', 'other'])
  expect(early).toEqual([history[1]!])
})
