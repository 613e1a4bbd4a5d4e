import { z } from 'zod'
import { commandsOf, eventsOf } from './contract.ts'

const command = commandsOf('inventory')
const event = eventsOf('inventory')

const order = { order_id: z.uuid() }
const pieces = z.number().int()
const stockItem = z.strictObject({
  product_id: z.uuid(),
  sku: z.string(),
  quantity: pieces.positive(),
})
export type StockItem = z.output<typeof stockItem>
const items = z.array(stockItem)

export const holdStatuses = ['RESERVED', 'REJECTED', 'RELEASED', 'COMMITTED'] as const
export type HoldStatus = (typeof holdStatuses)[number]

/** Holds all of an order's items, or none of them. */
export const HoldStock = command('HoldStock', z.strictObject({ ...order, items: items.min(1) }))
/** Gives back what an order holds, or has taken already; of one that holds nothing yet, for good. */
export const ReleaseStock = command(
  'ReleaseStock',
  z.strictObject({ ...order, reason: z.string().optional() }),
)
/** What an order holds leaves the shelf. */
export const CommitStock = command('CommitStock', z.strictObject(order))

/** The events of an order's hold, one each for all of its items. */
const StockReserved = event('StockReserved', z.strictObject({ ...order, items }))
const StockRejected = event(
  'StockRejected',
  z.strictObject({
    ...order,
    items,
    missing: z.array(
      z.strictObject({
        product_id: z.uuid(),
        sku: z.string(),
        quantity: pieces,
        available: pieces,
      }),
    ),
  }),
)
const StockReleased = event(
  'StockReleased',
  z.strictObject({
    ...order,
    items,
    /** True when they had left the shelf already. */
    returned: z.boolean(),
    reason: z.string().nullable(),
  }),
)
const StockCommitted = event('StockCommitted', z.strictObject({ ...order, items }))

/** The event of a product's stock: how much there is now, whatever the reason. */
const StockLevelChanged = event(
  'StockLevelChanged',
  z.strictObject({
    product_id: z.uuid(),
    sku: z.string(),
    on_hand: pieces,
    /** Of those on hand, held for orders. */
    held: pieces,
  }),
)

export const inventoryCommands = { HoldStock, ReleaseStock, CommitStock } as const
export const holdEvents = { StockReserved, StockRejected, StockReleased, StockCommitted } as const
export const stockEvents = { StockLevelChanged } as const
