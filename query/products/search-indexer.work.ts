import { namedVersion } from '../../shared/contracts/upcasting.ts'
import { ProductCreated, ProductUpdated } from '../../shared/contracts/products.ts'
import { blame, contended } from '../../shared/delivery/failures.ts'
import type { Delivery, Work } from '../../shared/delivery/work.ts'
import type { Queryable } from '../../shared/postgres/database.ts'

const versions = 'SELECT id::text AS id, version FROM read.products_read WHERE id = ANY($1::uuid[])'

// Ids sorted, for another indexer may be at the same products; what it read later stays.
const index = `
  INSERT INTO read.product_search AS known (id, name, words, version)
  SELECT id, name,
    setweight(to_tsvector('simple', name), 'A') || setweight(to_tsvector('simple', sku), 'B')
      || setweight(to_tsvector('simple', coalesce(description, '')), 'C'),
    version
  FROM (
    SELECT id, version, read.without_accents(name) AS name, read.without_accents(sku) AS sku,
      read.without_accents(description) AS description
    FROM read.products_read WHERE id = ANY($1::uuid[])) AS plain
  ORDER BY id
  ON CONFLICT (id) DO UPDATE
  SET name = excluded.name, words = excluded.words, version = excluded.version
  WHERE known.version <= excluded.version`

/**
 * Reads again the products of which it is told that something has changed. Of a notification it takes
 * the id, and which version it is told of: a product that is not there yet in that version, because the
 * projector is behind, is waited for like a taken lock. What came twice, late, or in whatever order
 * leads to the same index.
 */
export const searchIndexerWork = (): Work => ({
  async handle(transaction, deliveries, { wait }) {
    const notified = deliveries.filter(isNews)
    if (notified.length === 0) return { deferred: [] }
    const known = await versionsOf(transaction, notified.map(productOf))
    const early = notified.filter(
      (delivery) => (known.get(productOf(delivery)) ?? 0) < (delivery.envelope.sequence ?? 1),
    )
    const [first] = early
    if (wait && first)
      throw blame(contended(`product ${productOf(first)} is not up to date yet`), first.id)
    const waiting = new Set(early.map(productOf))
    const ready = new Set(notified.map(productOf)).difference(waiting)
    if (ready.size > 0) await transaction.query(index, [[...ready]])
    return { deferred: deliveries.filter((delivery) => waiting.has(productOf(delivery))) }
  },
})

// Of any version, also those to come: their data are not looked at.
const isNews = ({ envelope: { type } }: Delivery) =>
  [ProductCreated, ProductUpdated].some((contract) => namedVersion(contract, type) !== undefined)

const productOf = ({ envelope }: Delivery) => envelope.subject.toLowerCase()

const versionsOf = async (on: Queryable, ids: readonly string[]) => {
  const rows = await on.query<{ id: string; version: number }>(versions, [[...new Set(ids)]])
  return new Map(rows.map(({ id, version }) => [id, version]))
}
