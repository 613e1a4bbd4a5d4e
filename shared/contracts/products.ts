import { z } from 'zod'
import { commandsOf, eventsOf } from './contract.ts'

const command = commandsOf('products')
const event = eventsOf('products')

const product = { product_id: z.uuid() }
/** With no more decimals than the currency has; see shared/kernel/money.ts. */
const price = z.number()
const pieces = z.number().int()

export const CreateProduct = command(
  'CreateProduct',
  z.strictObject({
    ...product,
    sku: z.string(),
    name: z.string(),
    price,
    currency: z.string(),
    description: z.string().nullable(),
    stock: pieces,
  }),
)
export const UpdateProduct = command(
  'UpdateProduct',
  z.strictObject({
    ...product,
    name: z.string().optional(),
    price: price.optional(),
    description: z.string().nullable().optional(),
  }),
)
export const AdjustStock = command('AdjustStock', z.strictObject({ ...product, delta: pieces }))

export const ProductCreated = event(
  'ProductCreated',
  z.strictObject({
    ...product,
    sku: z.string(),
    name: z.string(),
    price,
    currency: z.string(),
    description: z.string().nullable(),
    /** Pieces at the start. */
    stock: pieces,
    created_at: z.iso.datetime(),
  }),
)
/** Only what has changed. */
export const ProductUpdated = event(
  'ProductUpdated',
  z.strictObject({
    ...product,
    name: z.string().optional(),
    price: price.optional(),
    description: z.string().nullable().optional(),
  }),
)
export const StockAdjusted = event(
  'StockAdjusted',
  z.strictObject({
    ...product,
    sku: z.string(),
    delta: pieces,
    /** On the shelf afterwards, held pieces included. */
    on_hand: pieces,
    /** Of the StockLevelChanged that goes with it: who has seen that one has seen this adjustment. */
    stock_version: z.number().int(),
  }),
)

export const productCommands = { CreateProduct, UpdateProduct, AdjustStock } as const
export const productEvents = { ProductCreated, ProductUpdated, StockAdjusted } as const
