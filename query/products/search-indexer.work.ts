import { namedVersion } from '../../shared/contracts/upcasting.ts'
import { ProductCreated, ProductUpdated } from '../../shared/contracts/products.ts'
import { blame, contended } from '../../shared/delivery/failures.ts'
import type { Delivery, Work } from '../../shared/delivery/work.ts'
import type { Queryable } from '../../shared/postgres/database.ts'
import { indexProducts } from './search-index.ts'

const versions = 'SELECT id::text AS id, version FROM read.products_read WHERE id = ANY($1::uuid[])'

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
    if (ready.size > 0) await indexProducts(transaction, [...ready])
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
