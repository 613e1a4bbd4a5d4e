import type { productEvents } from '../../shared/contracts/products.ts'
import { Poison } from '../../shared/kernel/fates.ts'
import { decimalText, moneyOf } from '../../shared/kernel/money.ts'
import type { EventsOf, View } from '../projection/view.ts'
import { type ProductRow, productTable } from './product.table.ts'

export type ProductEvent = EventsOf<typeof productEvents>

type Projected = Omit<ProductRow, 'version' | 'revision'>

/** What is sold, and for how much? */
export const productView: View<ProductRow, ProductEvent, Projected> = {
  name: 'products',
  revision: 1,
  table: productTable,
  rowId: ({ subject }) => subject,
  project(before, event) {
    if (event.name === 'ProductCreated') {
      const { product_id: id, stock: _, created_at, ...product } = event.data
      const price = exactly(event.data.price, product.currency)
      const times = { created_at: new Date(created_at), updated_at: event.time }
      return { id, ...product, price, ...times, stock_version: 1 }
    }
    if (!before)
      throw new Poison('first-event', `${event.name} is no first event of ${event.subject}`)
    const after: Projected = { ...before, updated_at: event.time }
    switch (event.name) {
      case 'ProductUpdated': {
        const { name = before.name, description = before.description } = event.data
        const price = exactly(event.data.price ?? Number(before.price), before.currency)
        return { ...after, name, description, price }
      }
      case 'StockAdjusted':
        return { ...after, stock_version: event.data.stock_version }
      default:
        return event satisfies never
    }
  },
}

const exactly = (price: number, currency: string) => decimalText(moneyOf(price, currency))
