import { newId } from '../../shared/kernel/ids.ts'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import type { Database } from '../../shared/postgres/database.ts'
import { projectFrom } from './projecting.ts'
import { envelopeOf } from './recorded-events.ts'

export const newIds = (count: number): readonly string[] =>
  Array.from({ length: count }, () => newId())

/** The first reserves stock, those after it release it. */
export const holdEvent = (id: string, sequence: number): Envelope =>
  sequence === 1
    ? envelopeOf('StockReserved', id, 1, { order_id: id, items: [] })
    : envelopeOf('StockReleased', id, sequence, {
        order_id: id,
        items: [],
        returned: false,
        reason: null,
      })

export const holdEventsOf = (ids: readonly string[], from: number, to: number) =>
  ids.flatMap((id) => Array.from({ length: to - from + 1 }, (_, at) => holdEvent(id, from + at)))

type Ids = readonly (string | undefined)[]

/** What a test does to tallied holds, and sees of them. */
export const talliedHolds = (house: { readonly read: Database }) => ({
  project: (events: readonly Envelope[]) => projectFrom(house.read, events).drain(),
  spoil: (ids: Ids) =>
    house.read.query('UPDATE read.tally SET events = 99 WHERE id = ANY($1::uuid[])', [ids]),
  async lose(ids: Ids) {
    for (const table of ['stock_holds', 'tally'])
      await house.read.query(`DELETE FROM read.${table} WHERE id = ANY($1::uuid[])`, [ids])
  },
  /** By id: the version, and how many events were counted. */
  async tally() {
    const rows = await house.read.query<{ id: string; version: number; events: number }>(
      `SELECT h.id::text AS id, h.version, t.events FROM read.stock_holds h
       JOIN read.tally t ON t.id = h.id AND t.version = h.version`,
    )
    return new Map(rows.map(({ id, version, events }) => [id, [version, events]]))
  },
})
