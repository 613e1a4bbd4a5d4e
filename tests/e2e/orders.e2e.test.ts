import { describe, expect, test } from 'bun:test'
import { userBody } from '../support/bodies.ts'
import { type Accepted, accepted, finished, json, send } from '../support/client.ts'
import { onEachBroker } from '../support/on-each-broker.ts'
import { eventually } from '../support/system.ts'
import { wholeSystem } from '../support/whole-system.ts'

onEachBroker((broker) => {
  const system = wholeSystem(broker)

  interface Order {
    readonly order_id: string
    readonly customer_id: string
    readonly customer: object | null
    readonly status: string
    readonly total: number
    readonly updated_at: string
    readonly version: number
  }
  interface OrderEvent {
    readonly type: string
    readonly time: string
    readonly causation_id: string
    readonly correlation_id: string
  }
  const curl = async (text: string): Promise<unknown> => {
    const child = Bun.spawn(['sh', '-c', text], { stdout: 'pipe', stderr: 'ignore' })
    const [out] = await Promise.all([new Response(child.stdout).text(), child.exited])
    return JSON.parse(out)
  }
  const make = (body: object) => accepted(`${system.commandUrl}/orders`, body)
  const pillow = { sku: 'prod-1', quantity: 1 }
  const rejection = async (asked: Accepted) => (await finished(asked)).problem?.type

  describe('an order', () => {
    test('what the text on CQRS pastes into a shell costs 42.50 and is listed', async () => {
      const made =
        (await curl(`curl -X POST ${system.commandUrl}/orders -H "Content-Type: application/json" -d '{
"customer_id": "customer-1",
"items": [
{"sku": "prod-1", "quantity": 2},
{"sku": "prod-2", "quantity": 1}
]
}'`)) as Accepted
      expect(made.status).toBe('accepted')
      await finished(made)
      await json(`${made.href}?min_version=1`)
      const { items } = (await curl(`curl ${system.queryUrl}/orders`)) as { items: Order[] }
      expect(items.find(({ order_id }) => order_id === made.id)).toMatchObject({
        customer_id: 'customer-1',
        total: 42.5,
        currency: 'EUR',
        items: [
          { sku: 'prod-1', quantity: 2, price: 16.25 },
          { sku: 'prod-2', quantity: 1, price: 10 },
        ],
      } as object)
    })

    test('of the demo data is there, for the demo user', async () => {
      const demo = await eventually('the demo order is shown with its customer', async () => {
        const { items } = await json<{ items: Order[] }>(`${system.queryUrl}/orders?limit=200`)
        return items.find(({ customer }) => customer !== null)
      })
      expect(demo).toMatchObject({ total: 42.5, customer: { email: 'demo@example.com' } })
    })

    test('can be cancelled, tells its history with causes, and can be read as it was', async () => {
      const made = await make({ customer_id: 'customer-2', items: [pillow, pillow] })
      const created = await finished(made)
      expect(created.events.map(({ type }) => type)).toEqual(['aeroalpes.orders.OrderCreated.v2'])
      const before = await json<Order>(`${made.href}?min_version=1`)
      const cancelUrl = `${system.commandUrl}/orders/${made.id}/cancel`
      const cancelling = await accepted(cancelUrl, { reason: 'changed my mind' })
      const cancelled = await finished(cancelling)
      expect(cancelled.status).toBe('completed')
      const after = await json<Order>(`${made.href}?min_version=${cancelled.version}`)
      expect(after).toMatchObject({
        status: 'CANCELLED',
        cancel_reason: 'changed my mind',
      } as never)

      const { items } = await json<{ items: OrderEvent[] }>(`${made.href}/history`)
      const own = items.filter(({ type }) => type.startsWith('aeroalpes.orders.'))
      expect(own[0]).toMatchObject({
        type: 'aeroalpes.orders.OrderCreated.v2',
        causation_id: made.command_id,
        correlation_id: made.command_id,
      })
      expect(own.at(-1)).toMatchObject({
        type: 'aeroalpes.orders.OrderCancelled.v1',
        causation_id: cancelling.command_id,
      })
      const then = await json<Order>(`${made.href}?at=${own[0]!.time}`)
      expect(then).toMatchObject({ status: 'CREATED', total: before.total, version: 1 })
      const early = await fetch(`${made.href}?at=2020-01-01T00:00:00Z`)
      expect(early.status).toBe(404)
      expect(await rejection(await accepted(cancelUrl, {}))).toEndWith('invalid-transition')
    })

    test('that came without a payment method waits to be paid, and is charged once', async () => {
      const made = await make({ customer_id: 'customer-3', items: [pillow] })
      const becomes = (statuses: readonly string[]) =>
        eventually(`${made.href} is ${statuses}`, async () => {
          const answer = await fetch(made.href)
          return answer.ok && statuses.includes(((await answer.json()) as Order).status)
        })
      await becomes(['RESERVED'])
      const payUrl = `${system.commandUrl}/orders/${made.id}/pay`
      const asked = [1, 2].map(() => accepted(payUrl, { payment_method: 'card-ok' }))
      const receipts = await Promise.all((await Promise.all(asked)).map(finished))
      expect(receipts.map(({ status }) => status).toSorted()).toEqual(['completed', 'rejected'])
      await becomes(['PAID', 'SHIPPED'])
    })

    test('of a user is shown with their name and address, and listed as theirs', async () => {
      const email = `buyer.${crypto.randomUUID()}@example.org`
      const user = await accepted(`${system.commandUrl}/users`, userBody(email))
      await finished(user)
      await json(`${user.href}?min_version=1`)
      const made = await make({ customer_id: user.id, items: [pillow] })
      await finished(made)
      expect(await json<Order>(`${made.href}?min_version=1`)).toMatchObject({
        customer: { name: 'Ana Ruiz', email },
      })
      const { items } = await json<{ items: Order[] }>(`${user.href}/orders`)
      expect(items.map(({ order_id }) => order_id)).toEqual([made.id])
    })
  })

  describe('the views of orders', () => {
    test('are made anew from their topics while the system goes on, and answer as before', async () => {
      // Sagas go on meanwhile: what they change is left out.
      const answers = async () => {
        const { items } = await json<{ items: Order[] }>(`${system.queryUrl}/orders?limit=200`)
        const all = items.map(async ({ order_id, customer_id, customer, total }) => {
          const history = await json<{ items: OrderEvent[] }>(
            `${system.queryUrl}/orders/${order_id}/history`,
          )
          const [first] = history.items.filter(({ type }) => type.includes('.orders.'))
          return { order_id, customer_id, customer, total, first }
        })
        return Promise.all(all)
      }
      const before = await answers()
      const words = ['orders', '--from-topic', '--since', '1h', '--yes', '--output', 'json']
      const [row] = JSON.parse(await system.aero('projections', 'rebuild', ...words)) as object[]
      expect(row).toMatchObject({ projection: 'orders', corrected: 0, kept: 0 })
      expect(before.length).toBeGreaterThan(3)
      expect(await answers()).toEqual(before)
      const made = await make({ customer_id: 'customer-4', items: [pillow] })
      await finished(made)
      expect(await json<Order>(`${made.href}?min_version=1`)).toMatchObject({ total: 16.25 })
    })
  })

  describe('what cannot be ordered', () => {
    test('is refused at once, or rejected in the receipt', async () => {
      const yen = { name: 'Yen', price: 1500, currency: 'JPY', sku: `yen-${crypto.randomUUID()}` }
      await finished(await accepted(`${system.commandUrl}/products`, yen))
      const of = (sku: string) => ({ customer_id: 'c', items: [{ sku, quantity: 1 }] })
      expect(await rejection(await make(of('nobody-sells-this')))).toEndWith('unknown-sku')
      expect(await rejection(await make(of(yen.sku)))).toEndWith('currency-mismatch')
      const inYen = await make({ ...of(yen.sku), currency: 'JPY' })
      expect(await finished(inYen)).toMatchObject({ status: 'completed' })
      expect(await json<Order>(`${inYen.href}?min_version=1`)).toMatchObject({ total: 1500 })
      const lines = Array.from({ length: 10_000 }, () => pillow)
      for (const wrong of [
        { customer_id: 'c', items: lines },
        { customer_id: 'c', items: [{ ...pillow, quantity: 0.5 }] },
        { ...of('prod-1'), payment_method: 'cash' },
      ])
        expect((await send(`${system.commandUrl}/orders`, wrong)).status).toBe(400)
    })
  })
})
