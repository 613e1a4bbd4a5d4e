import { integer, uuid } from 'drizzle-orm/pg-core'
import { holdEvents } from '../../shared/contracts/inventory.ts'
import type { Queryable } from '../../shared/postgres/database.ts'
import { type Projection, projectionsOf } from '../../query/projection/projections.ts'
import type { Stream, View, ViewRow } from '../../query/projection/view.ts'
import { holdStream } from '../../query/products/product.streams.ts'
import { read } from '../../query/read-schema.ts'

const tallyTable = read.table('tally', {
  id: uuid().primaryKey(),
  events: integer().notNull(),
  version: integer().notNull(),
  revision: integer().notNull(),
})

interface TallyRow extends ViewRow {
  readonly events: number
}

/** Counts the events of each hold: unlike other views it shows when one is applied twice. */
const tallyView: View<TallyRow> = {
  name: 'tally',
  revision: 1,
  table: tallyTable,
  rowId: ({ subject }) => subject,
  project: (before, { subject: id }) => ({ id, events: (before?.events ?? 0) + 1 }),
}

export const createTally = async (on: Queryable): Promise<void> => {
  await on.query(`CREATE TABLE read.tally (id uuid CONSTRAINT tally_key PRIMARY KEY,
    events integer NOT NULL, version integer NOT NULL, revision integer NOT NULL)`)
  await on.query('CREATE INDEX tally_by_events ON read.tally (events) WHERE events > 2')
  await on.query('GRANT SELECT ON read.tally TO PUBLIC')
}

/** Holds with what they are linked to here: a link that must be exactly as far as its head. */
export const talliedStream = { ...holdStream, links: [tallyView as View] } as unknown as Stream

export const talliedProjection = (): Projection => {
  const [projection] = projectionsOf([talliedStream])
  if (!projection) throw new Error('no stream, no projection')
  return projection
}

export const holdTypes = [holdEvents.StockReserved.type, holdEvents.StockReleased.type] as const
