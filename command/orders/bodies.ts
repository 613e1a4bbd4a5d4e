import { z } from 'zod'
import { paymentMethods } from '../../shared/contracts/orders.ts'
import { currency, foreignId, languageTag, words } from '../fields.ts'

export const mostLines = 1000
/** More pieces than anybody orders, and a sum over all lines that is still a whole number everywhere. */
const mostPiecesOfLine = 1_000_000

const address = z.strictObject({
  recipient: words(200).optional(),
  street: words(200),
  city: words(100),
  postal_code: words(20).optional(),
  country: z.string().regex(/^[A-Z]{2}$/, 'must be an ISO 3166-1 code such as CO'),
})

export const createOrderBody = z.strictObject({
  customer_id: foreignId(),
  items: z
    .array(
      z.strictObject({
        sku: words(64),
        quantity: z.number().int().positive().max(mostPiecesOfLine),
      }),
    )
    .min(1)
    .max(mostLines, `an order has at most ${mostLines} lines`),
  currency: currency().default('EUR'),
  shipping_address: address.optional(),
  payment_method: z.enum(paymentMethods).optional(),
  locale: languageTag().optional(),
})
export type CreateOrderBody = z.output<typeof createOrderBody>

export const payOrderBody = z.strictObject({ payment_method: z.enum(paymentMethods) })
export const cancelOrderBody = z.strictObject({ reason: words(500).optional() })

export const exampleOrder = {
  customer_id: 'customer-1',
  items: [
    { sku: 'prod-1', quantity: 2 },
    { sku: 'prod-2', quantity: 1 },
  ],
  currency: 'EUR',
  shipping_address: { street: 'Calle 26 #103-9', city: 'Bogotá', country: 'CO' },
  payment_method: 'card-ok',
  locale: 'es-CO',
} satisfies z.input<typeof createOrderBody>
