import { z } from 'zod'
import { decimalsOf } from '../../shared/kernel/currencies.ts'
import { currency, prose, words } from '../fields.ts'
import { mostPieces } from './adjust-stock.ts'
import { priceFault } from './price-fault.ts'

const sku = words(64).regex(/^\S(.*\S)?$/, 'must not begin or end with a blank')
const name = words(200)
const description = prose(5000)

export const createProductBody = z
  .strictObject({
    name,
    price: z.number(),
    currency: currency().default('EUR'),
    sku: sku.optional(),
    description: description.nullable().optional(),
    stock: z.number().int().min(0).max(mostPieces).default(0),
  })
  .superRefine(({ price, currency: code }, context) => {
    // A currency that is none has its own fault already.
    const message = decimalsOf(code) === undefined ? undefined : priceFault(price, code)
    if (message !== undefined) context.addIssue({ code: 'custom', path: ['price'], message })
  })

/** One of each number of decimals: a price in none of them is none. The worker knows the product's own. */
const currencies = ['JPY', 'EUR', 'KWD', 'CLF'] as const

export const updateProductBody = z.strictObject({
  name: name.optional(),
  price: z
    .number()
    .superRefine((price, context) => {
      const faults = currencies.map((code) => priceFault(price, code))
      const message = faults.at(-1)
      if (message !== undefined && !faults.includes(undefined))
        context.addIssue({ code: 'custom', message })
    })
    .optional(),
  description: description.nullable().optional(),
})

export const adjustStockBody = z.strictObject({
  delta: z
    .number()
    .int()
    .min(-mostPieces)
    .max(mostPieces)
    .refine((delta) => delta !== 0, 'must not be 0'),
})

export const exampleProduct = {
  name: 'Mouse ergonomico',
  price: 39.9,
  currency: 'EUR',
  sku: 'mouse-1',
  description: 'For hands that work a lot',
  stock: 25,
} satisfies z.input<typeof createProductBody>
