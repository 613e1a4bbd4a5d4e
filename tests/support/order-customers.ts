import type { Fleet } from './chaos-fleet.ts'
import { type Accepted, accepted, finished } from './client.ts'

const address = { street: 'Calle 26 #103-9', city: 'Bogotá', postal_code: '111321', country: 'CO' }
const nowhere = { ...address, postal_code: '00000' }

/** One of each leads to every event that an order can meet, but a shipment that is called off. */
const wishes = {
  paid: { payment_method: 'card-ok', shipping_address: address },
  'handed over': { payment_method: 'card-ok' },
  declined: { payment_method: 'card-declined', shipping_address: address },
  undeliverable: { payment_method: 'card-ok', shipping_address: nowhere },
  'out of stock': { payment_method: 'card-ok', items: [{ sku: 'kept', quantity: 2000 }] },
  unanswered: { payment_method: 'card-timeout' },
  'answered late': { payment_method: 'card-late', shipping_address: address },
  'paid later': {},
  'never paid': {},
  // Each of its timers fires as soon as it is set.
  hasty: { payment_method: 'card-ok', shipping_address: address },
} as const
type Kind = keyof typeof wishes
const shipped: readonly Kind[] = ['paid', 'handed over', 'paid later']
export const kindsOfOrders = Object.keys(wishes) as readonly Kind[]

export interface OrderCustomers {
  /** How many orders there are. */
  readonly count: number
  order(kind: Kind): Promise<Accepted>
  callOff(order: Accepted): Promise<void>
  /**
   * Does what customers and time do next: pays for what is held, lets what is waited for become due.
   * Answers whether every order has ended.
   */
  pushed(): Promise<boolean>
  /** Kinds of orders that have ended otherwise than their customers may expect. */
  surprised(): Promise<readonly string[]>
}

/** Customers of one product, of which there are a thousand. */
export const orderCustomers = async (
  { sql }: Fleet,
  commandUrl: string,
): Promise<OrderCustomers> => {
  const product = { name: 'Pillow', sku: 'kept', price: 5, stock: 1000 }
  await finished(await accepted(`${commandUrl}/products`, product))
  const kinds = new Map<string, Kind>()
  const calledOff = new Set<string>()
  const of = (kind: Kind) => [...kinds].flatMap(([id, other]) => (other === kind ? [id] : []))
  const pay = async (id: string) =>
    finished(await accepted(`${commandUrl}/orders/${id}/pay`, { payment_method: 'card-ok' }))
  return {
    get count() {
      return kinds.size
    },
    async order(kind) {
      const body = { customer_id: 'c', items: [{ sku: 'kept', quantity: 2 }], ...wishes[kind] }
      const made = await accepted(`${commandUrl}/orders`, body)
      kinds.set(made.id, kind)
      return made
    },
    async callOff({ id }) {
      calledOff.add(id)
      await finished(await accepted(`${commandUrl}/orders/${id}/cancel`, {}))
    },
    async pushed() {
      const unpaid = await sql<{ id: string }[]>`
        SELECT stream_id AS id FROM uow.event WHERE stream_id = ANY(${of('paid later')})
        GROUP BY 1 HAVING bool_or(type ~ 'OrderReserved') AND NOT bool_or(type ~ 'OrderPaymentRequested')`
      for (const { id } of unpaid) await pay(id)
      await sql`
        UPDATE uow.timer SET due_at = now() WHERE state = 'set' AND due_at > now()
        AND (key = ANY(${of('hasty')})
          OR key = ANY(${of('never paid')}) AND name IN ('await-payment 1', 'unpaid'))`
      const [ended] = await sql<{ count: number }[]>`
        SELECT count(*)::int FROM uow.event WHERE type ~ 'Order(Shipped|Cancelled)'`
      return ended?.count === kinds.size
    },
    async surprised() {
      const ends = await sql<{ id: string; isShipped: boolean }[]>`
        SELECT stream_id AS id, bool_or(type ~ 'OrderShipped') AS "isShipped" FROM uow.event
        WHERE stream_id = ANY(${[...kinds.keys()]}) GROUP BY 1`
      return ends.flatMap(({ id, isShipped }) => {
        const kind = kinds.get(id)
        if (!kind || kind === 'hasty' || calledOff.has(id)) return []
        return isShipped === shipped.includes(kind) ? [] : [kind]
      })
    },
  }
}
