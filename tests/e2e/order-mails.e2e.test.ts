import { describe, expect, test } from 'bun:test'
import { userBody } from '../support/bodies.ts'
import { accepted, finished, json } from '../support/client.ts'
import { onEachBroker } from '../support/on-each-broker.ts'
import { eventually } from '../support/system.ts'
import { wholeSystem } from '../support/whole-system.ts'

interface Mail {
  readonly order_id: string | null
  readonly recipient: string | null
  readonly subject: string
  readonly body: string
}

const address = { street: 'Calle 26 #103-9', city: 'Bogotá', postal_code: '111321', country: 'CO' }
const items = [
  { sku: 'prod-1', quantity: 2 },
  { sku: 'prod-2', quantity: 1 },
]

onEachBroker((broker) => {
  const system = wholeSystem(broker)

  const order = (customer_id: string, wishes: object) =>
    accepted(`${system.commandUrl}/orders`, {
      customer_id,
      items,
      shipping_address: address,
      ...wishes,
    })
  const mailsAbout = (id: string, count: number) =>
    eventually(`${count} mails about ${id}`, async () => {
      const { items: all } = await json<{ items: Mail[] }>(`${system.queryUrl}/notifications`)
      const about = all.filter(({ order_id }) => order_id === id)
      return about.length >= count && about
    })

  describe('a customer', () => {
    test('who is a user reads in their language what became of their orders', async () => {
      const email = `${crypto.randomUUID()}@example.com`
      const user = await accepted(`${system.commandUrl}/users`, userBody(email))
      await finished(user)
      const [declined, shipped] = await Promise.all([
        order(user.id, { payment_method: 'card-declined' }),
        order(user.id, { payment_method: 'card-ok', locale: 'it-IT' }),
      ])
      const [off] = await mailsAbout(declined.id, 1)
      expect(off).toMatchObject({ recipient: email })
      expect(off!.body).toContain('el pago fue rechazado')
      const [parcel, paid, ...more] = await mailsAbout(shipped.id, 2)
      expect(more).toEqual([])
      expect(paid!.body).toMatch(/42,50\s€/)
      expect(parcel!.body).toMatch(/Alpes Express.*AA[0-9A-F]{14}CO/)
    })

    test('whom nobody knows is sent nothing, and that can be seen', async () => {
      const { id } = await order('customer-1', { payment_method: 'card-declined' })
      const [off] = await mailsAbout(id, 1)
      expect(off).toMatchObject({ recipient: null })
      expect(off!.body).toContain('the payment was declined')
    })
  })
})
