import { describe, expect, test } from 'bun:test'
import { accepted, finished, json } from '../support/client.ts'
import { onEachBroker } from '../support/on-each-broker.ts'
import { eventually } from '../support/system.ts'
import { wholeSystem } from '../support/whole-system.ts'

interface Order {
  readonly status: string
  readonly cancel_reason: string | null
}
interface HistoryEvent {
  readonly id: string
  readonly type: string
  readonly correlation_id: string
  readonly causation_id: string
}
interface Stock {
  readonly on_hand: number
  readonly held: number
}

const address = { street: 'Calle 26 #103-9', city: 'Bogotá', postal_code: '111321', country: 'CO' }

const styles = ['orchestration', 'choreography'] as const
describe.each(styles)('by %s', (style) =>
  onEachBroker((broker) => {
    const system = wholeSystem(broker, { ORDER_FULFILMENT: style })

    /** A product of its own for each test, so that its stock tells what became of the order. */
    const product = async (stock = 10) => {
      const sku = `fulfilled-${crypto.randomUUID()}`
      const made = await accepted(`${system.commandUrl}/products`, {
        name: sku,
        sku,
        price: 5,
        stock,
      })
      await finished(made)
      return { sku, href: made.href }
    }
    const order = async (sku: string, wishes: object) => {
      const body = { customer_id: 'customer-1', items: [{ sku, quantity: 3 }], ...wishes }
      const made = await accepted(`${system.commandUrl}/orders`, body)
      await finished(made)
      return made
    }
    const becomes = async (href: string, status: string) =>
      eventually(`${href} is ${status}`, async () => {
        const answer = await fetch(href)
        const found = answer.ok ? ((await answer.json()) as Order) : undefined
        return found?.status === status && found
      })
    const stockOf = async (href: string) => (await json<{ stock: Stock }>(href)).stock
    const stockBecomes = async (href: string, wanted: Partial<Stock>) =>
      eventually(`${href} has ${JSON.stringify(wanted)}`, async () => {
        const stock = await stockOf(href)
        return Object.entries(wanted).every(([name, value]) => stock[name as keyof Stock] === value)
      })
    const history = async (href: string) => {
      const { items } = await json<{ items: HistoryEvent[] }>(`${href}/history`)
      return items
    }
    const names = (events: readonly HistoryEvent[]) =>
      events.map(({ type }) => type.split('.').at(-2)!)

    describe('an order', () => {
      test('that is paid is taken from the shelf and shipped', async () => {
        const { sku, href } = await product()
        const made = await order(sku, { payment_method: 'card-ok', shipping_address: address })
        await becomes(made.href, 'SHIPPED')
        await stockBecomes(href, { on_hand: 7, held: 0 })
        const events = await history(made.href)
        expect(names(events).filter((name) => name.startsWith('Order'))).toEqual([
          'OrderCreated',
          'OrderReserved',
          'OrderPaid',
          'OrderShipped',
        ])
        const known = [made.command_id, ...events.map(({ id }) => id)]
        for (const { correlation_id, causation_id } of events) {
          expect(correlation_id).toBe(made.command_id)
          expect(known).toContain(causation_id)
        }
      })

      test('whose payment is declined is cancelled, and its stock goes back', async () => {
        const { sku, href } = await product()
        const made = await order(sku, {
          payment_method: 'card-declined',
          shipping_address: address,
        })
        const { cancel_reason } = await becomes(made.href, 'CANCELLED')
        expect(cancel_reason).toBe('payment declined')
        await stockBecomes(href, { on_hand: 10, held: 0 })
      })

      test('that nobody can deliver is cancelled, and what was done is undone', async () => {
        const { sku, href } = await product()
        const nowhere = { ...address, postal_code: '00000' }
        const made = await order(sku, { payment_method: 'card-ok', shipping_address: nowhere })
        const { cancel_reason } = await becomes(made.href, 'CANCELLED')
        expect(cancel_reason).toStartWith('undeliverable')
        await stockBecomes(href, { on_hand: 10, held: 0 })
        await eventually('the money is back', async () =>
          names(await history(made.href)).includes('PaymentRefunded'),
        )
      })

      test('of more than there is is cancelled, and holds nothing', async () => {
        const { sku, href } = await product(2)
        const made = await order(sku, { payment_method: 'card-ok', shipping_address: address })
        expect((await becomes(made.href, 'CANCELLED')).cancel_reason).toBe(`out of stock: ${sku}`)
        await stockBecomes(href, { on_hand: 2, held: 0 })
      })

      test.each([
        ['card-timeout', 'PaymentVoided'],
        ['card-late', 'PaymentRefunded'],
      ])(
        'paid with %s is cancelled, and keeps nobody’s money: %s',
        async (payment_method, settled) => {
          const { sku, href } = await product()
          const made = await order(sku, { payment_method, shipping_address: address })
          await becomes(made.href, 'CANCELLED')
          await stockBecomes(href, { on_hand: 10, held: 0 })
          await eventually('the payment is settled', async () =>
            names(await history(made.href)).includes(settled),
          )
        },
      )

      test('without a way to pay is shipped once it is paid', async () => {
        const { sku, href } = await product()
        const made = await order(sku, { shipping_address: address })
        await becomes(made.href, 'RESERVED')
        const body = { payment_method: 'card-ok' }
        await finished(await accepted(`${system.commandUrl}/orders/${made.id}/pay`, body))
        await becomes(made.href, 'SHIPPED')
        await stockBecomes(href, { on_hand: 7, held: 0 })
      })

      test('without a way to pay waits, its stock held, until its customer cancels', async () => {
        const { sku, href } = await product()
        const made = await order(sku, { shipping_address: address })
        await becomes(made.href, 'RESERVED')
        await stockBecomes(href, { on_hand: 10, held: 3 })
        await finished(await accepted(`${system.commandUrl}/orders/${made.id}/cancel`, {}))
        await stockBecomes(href, { on_hand: 10, held: 0 })
      })
    })
  }),
)
