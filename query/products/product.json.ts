import { z } from 'zod'
import type { ListedProduct } from './product.find.ts'

export const productJson = z
  .object({
    id: z.guid(),
    sku: z.string(),
    name: z.string(),
    price: z.number(),
    currency: z.string(),
    description: z.string().nullable(),
    stock: z.object({
      on_hand: z.number().int(),
      held: z.number().int(),
      available: z.number().int(),
    }),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    version: z.number().int(),
    /** How well it fits what was searched for. */
    rank: z.number().optional(),
  })
  .meta({ id: 'Product' })

/** A product as the contract shows it: field by field, so that no new column is shown by accident. */
export const showProduct = (row: ListedProduct) => ({
  id: row.id,
  sku: row.sku,
  name: row.name,
  price: Number(row.price),
  currency: row.currency,
  description: row.description,
  stock: { on_hand: row.on_hand, held: row.held, available: row.on_hand - row.held },
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
  version: row.version,
  ...(row.rank === undefined ? {} : { rank: Number(row.rank) }),
})

export const exampleProduct = {
  id: '0197f1aa-5c1e-7d3a-8b9e-3a4b5c6d7e8f',
  sku: 'mouse-1',
  name: 'Mouse ergonomico',
  price: 39.9,
  currency: 'EUR',
  description: 'For hands that work a lot',
  stock: { on_hand: 25, held: 2, available: 23 },
  created_at: '2026-11-20T10:00:00.000Z',
  updated_at: '2026-11-20T10:00:03.000Z',
  version: 2,
}
