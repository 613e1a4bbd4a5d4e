import type { DataOf } from '../../shared/contracts/contract.ts'
import { CreateOrder } from '../../shared/contracts/orders.ts'
import type { Aggregate, DomainEvent } from '../../uow/aggregate.ts'
import { handler, happened, lock, rejected } from '../../uow/handler.ts'
import { someOf } from '../some-of.ts'
import { orders } from './order.aggregate.ts'
import { merged, type OfferRow, priced, totalOf } from './price-lines.ts'

/** No price changes while an order is priced, and orders of one product do not wait for each other. */
export const createOrder = <Row extends OfferRow, Event extends DomainEvent>(
  offers: Aggregate<Row, Event>,
) =>
  handler<DataOf<typeof CreateOrder>>({
    contract: CreateOrder,
    locks: ({ order_id, items }) => [
      lock(orders, order_id),
      ...items.map(({ sku }) => lock(offers, sku, 'share')),
    ],
    decide({ items: asked, ...wanted }, rows, { now }) {
      const { order_id, currency } = wanted
      if (rows.get(orders, order_id))
        return rejected('order-exists', `there is an order ${order_id} already`)
      const lines = merged(asked).map((line) => ({ line, offer: rows.get(offers, line.sku) }))
      const unknown = lines.filter(({ offer }) => !offer).map(({ line }) => line.sku)
      if (unknown.length > 0)
        return rejected('unknown-sku', `there is no product with SKU ${someOf(unknown)}`)
      const known = lines.flatMap(({ line, offer }) => (offer ? [{ line, offer }] : []))
      const foreign = known.find(({ offer }) => offer.currency !== currency)
      if (foreign)
        return rejected(
          'currency-mismatch',
          `${foreign.line.sku} is sold in ${foreign.offer.currency}, and the order is in ${currency}`,
        )
      const items = known.map(({ line, offer }) => priced(line, offer))
      const total = totalOf(currency, items)
      if (total === undefined)
        return rejected('invalid-request', '/items: they cost more than 15 digits can say')
      const data = { ...wanted, items, total, created_at: now.toISOString() }
      return [happened(orders, order_id, { type: 'OrderCreated', data })]
    },
  })
