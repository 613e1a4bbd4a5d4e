import { reservationBody } from '../tests/support/bodies.ts'
import type { Task } from './measure.ts'
import type { SystemUnderTest } from './system.ts'

export const reservations: Task = {
  path: '/reservations',
  bodies: [reservationBody],
  done: ({ sql }) => counted(sql`SELECT count(*)::int AS count FROM read.reservations`),
}

const products = 100

/** Orders of two products each, of a hundred that are put on sale first. */
export const orders = async ({ commandUrl, sql }: SystemUnderTest): Promise<Task> => {
  const skus = Array.from({ length: products }, (_, index) => `bench-${index}`)
  for (const sku of skus) {
    const product = { name: sku, price: 16.25, sku, stock: 1_000_000 }
    const answer = await fetch(`${commandUrl}/products`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(product),
    })
    if (answer.status !== 202) throw new Error(`${sku}: ${await answer.text()}`)
  }
  const onSale = () => counted(sql`SELECT count(*)::int AS count FROM read.stock_levels`)
  while ((await onSale()) < products) await Bun.sleep(20)
  const address = { street: 'Calle 26 #103-9', city: 'Bogotá', country: 'CO' }
  return {
    path: '/orders',
    bodies: skus.map((sku, index) => ({
      customer_id: 'customer-1',
      items: [
        { sku, quantity: 2 },
        { sku: skus[(index * 7 + 1) % products], quantity: 1 },
      ],
      shipping_address: address,
      payment_method: 'card-ok',
    })),
    done: (system) =>
      counted(system.sql`SELECT count(*)::int AS count FROM read.orders WHERE status = 'SHIPPED'`),
  }
}

const counted = async (rows: PromiseLike<readonly { count: number }[]>): Promise<number> =>
  (await rows)[0]?.count ?? 0
