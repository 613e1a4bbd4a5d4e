import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { sign } from 'hono/jwt'
import { newId } from '../../shared/kernel/ids.ts'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import type { Transaction } from '../../shared/postgres/database.ts'
import { outsideTransaction } from '../../shared/postgres/guard.ts'
import { userVault } from '../../shared/vault/user-keys.ts'
import { orderCreated, orderPaid, orderShipped } from '../../tests/support/order-events.ts'
import { jwtSecret, testReadSide, type TestReadSide } from '../../tests/support/query-app.ts'
import {
  credentialKey,
  deliveryOf,
  envelopeOf,
  keepUser,
  person,
} from '../../tests/support/recorded-events.ts'
import { waitingForLocks } from '../../tests/support/waiting-for-locks.ts'
import { notifierWork } from './notifier.work.ts'

let readSide: TestReadSide
beforeAll(async () => {
  readSide = await testReadSide()
}, 60_000)
beforeEach(() => readSide.database.query('TRUNCATE read.notifications, read.notified_orders'))
afterAll(() => readSide.close())

const work = (state: 'kept' | 'pending') =>
  notifierWork({
    vault: userVault(readSide.database, credentialKey),
    codeFor: () => '',
    state,
    written: () => {},
  })
const notify = async (state: 'kept' | 'pending', ...envelopes: readonly Envelope[]) => {
  await readSide.database.transaction((tx) =>
    work(state).handle(tx, envelopes.map(deliveryOf), { wait: false }),
  )
}

interface Shown {
  readonly recipient: string | null
  readonly subject: string
  readonly body: string
}
const shown = async () => {
  const answer = await readSide.app().request('/notifications')
  return ((await answer.json()) as { items: Shown[] }).items
}

const user = async () => {
  const ana = person()
  await keepUser(readSide.database, ana)
  return ana
}
const prepared = (order_id: string) => ({
  ...envelopeOf('ShipmentPrepared', order_id, 1, {
    order_id,
    shipment_id: newId(),
    carrier: 'Aero',
    tracking: 'AA1CO',
    country: 'CO',
    items: [],
    customs_note: null,
  }),
  id: newId(),
})
const cancelled = (order_id: string, reason: string | null) =>
  envelopeOf('OrderCancelled', order_id, 2, { order_id, reason })

describe('a customer who is a user', () => {
  test('is written to in their language, at the address they registered with', async () => {
    const [ana, id] = [await user(), newId()]
    await notify('kept', orderCreated(id, { customer_id: ana.id.toUpperCase() }))
    await notify('kept', orderPaid(id))
    const [mail, ...more] = await shown()
    expect(more).toEqual([])
    expect(mail).toMatchObject({
      id: orderPaid(id).id,
      user_id: ana.id,
      order_id: id,
      recipient: ana.email,
      subject: `Su pedido ${id} está pagado`,
      locale: 'es-CO',
    })
    expect(mail!.body).toStartWith('Hola, Ana:')
  })
  test('is written to in the language of the order, where it has one', async () => {
    const [ana, id] = [await user(), newId()]
    const created = orderCreated(id, { customer_id: ana.id, locale: 'it' })
    await notify('kept', created, cancelled(id, 'payment declined'))
    expect((await shown())[0]!.body).toContain('il pagamento è stato rifiutato')
  })
  test('is told each thing once, whatever comes twice', async () => {
    const [ana, id] = [await user(), newId()]
    const events = [
      orderCreated(id, { customer_id: ana.id }),
      orderPaid(id),
      prepared(id),
      orderShipped(id),
    ]
    await notify('kept', ...events)
    await notify('kept', ...events)
    for (const event of events) await notify('kept', event)
    expect((await shown()).map(({ subject }) => subject.split(' ').at(-1)).toSorted()).toEqual([
      'enviado',
      'pagado',
    ])
  })
  test('is told the tracking number that comes after the news of the parcel', async () => {
    const [ana, id] = [await user(), newId()]
    await notify('kept', orderCreated(id, { customer_id: ana.id }), orderShipped(id))
    expect(await shown()).toEqual([])
    await notify('kept', prepared(id))
    expect((await shown())[0]).toMatchObject({
      id: orderShipped(id).id,
      body: expect.stringContaining('AA1CO'),
    })
  })
  test('is sent a mail where there is a mail server', async () => {
    const [ana, id] = [await user(), newId()]
    await notify('pending', orderCreated(id, { customer_id: ana.id }), orderPaid(id))
    const rows = await readSide.database.query('SELECT state, recipient FROM read.notifications')
    expect(rows).toMatchObject([{ state: 'pending', recipient: ana.email }])
  })
  test('sees the mails about their own orders with a token, and no others', async () => {
    const [ana, id, other] = [await user(), newId(), newId()]
    await notify('kept', orderCreated(id, { customer_id: ana.id }), orderPaid(id))
    await notify('kept', orderCreated(other), orderPaid(other))
    const token = await sign({ sub: ana.id, exp: Date.now() / 1000 + 60 }, jwtSecret)
    const answer = await readSide
      .app({ auth: 'jwt' })
      .request('/notifications', { headers: { authorization: `Bearer ${token}` } })
    const { items } = (await answer.json()) as { items: { order_id: string }[] }
    expect(items.map(({ order_id }) => order_id)).toEqual([id])
  })
})

describe('a customer whom nobody knows', () => {
  test.each(['customer-1', newId()])(
    'such as %s is sent nothing, and that can be seen',
    async (customer_id) => {
      const id = newId()
      await notify('kept', orderCreated(id, { customer_id, locale: 'it' }), orderPaid(id))
      expect(await shown()).toMatchObject([
        { recipient: null, user_id: null, order_id: id, subject: `Il suo ordine ${id} è pagato` },
      ])
      expect((await shown())[0]!.body).toStartWith('Buongiorno,\n')
    },
  )
  test('leaves only the fact behind where mails are sent', async () => {
    const id = newId()
    await notify('pending', orderCreated(id), orderPaid(id))
    const rows = await readSide.database.query('SELECT * FROM read.notifications')
    expect(rows).toMatchObject([{ state: 'unaddressed', recipient: null, body: null }])
  })
  test('may be a user who was erased: nothing can be opened any more', async () => {
    const [ana, id] = [await user(), newId()]
    await readSide.database.query('DELETE FROM write.user_keys WHERE id = $1::uuid', [ana.id])
    await notify('kept', orderCreated(id, { customer_id: ana.id }), orderPaid(id))
    expect(await shown()).toMatchObject([{ recipient: null, user_id: null }])
  })
})

test('an order of the first version is told in the currency that it had', async () => {
  const id = newId()
  const { currency: _, ...data } = orderCreated(id).data as Record<string, unknown>
  const first = { ...orderCreated(id), type: 'aeroalpes.orders.OrderCreated.v1', data }
  await notify('kept', first, orderPaid(id))
  expect((await shown())[0]!.body).toContain('€42.50')
})

describe('an order of which two topics tell at once', () => {
  const blocked = () => waitingForLocks(readSide.database, 1)

  test('is remembered as told by both, when neither has been heard of before', async () => {
    const [ana, id] = [await user(), newId()]
    let second: Promise<unknown> = Promise.resolve()
    await readSide.database.transaction(async (tx) => {
      const created = orderCreated(id, { customer_id: ana.id })
      await work('kept').handle(tx, [deliveryOf(created)], { wait: false })
      second = outsideTransaction(() => notify('kept', prepared(id)))
      await outsideTransaction(blocked)
    })
    await second
    await notify('kept', orderShipped(id))
    expect((await shown())[0]!.body).toContain('AA1CO')
  })
  test('has its parcel told by whichever comes second', async () => {
    const [ana, id] = [await user(), newId()]
    await notify('kept', orderCreated(id, { customer_id: ana.id }))
    const seen = Promise.withResolvers<void>()
    let second: Promise<unknown> = Promise.resolve()
    /** Stops after its look at the order, until the other has gone as far as it can. */
    const slowly = (tx: Transaction): Transaction => ({
      ...tx,
      async query<Row extends object>(text: string, parameters?: readonly unknown[]) {
        const rows = await tx.query<Row>(text, parameters)
        if (/^\s*SELECT[^;]*notified_orders/.test(text)) {
          seen.resolve()
          second = outsideTransaction(() => notify('kept', orderShipped(id)))
          await Promise.race([second, outsideTransaction(blocked)])
        }
        return rows
      },
    })
    await readSide.database.transaction((tx) =>
      work('kept').handle(slowly(tx), [deliveryOf(prepared(id))], { wait: false }),
    )
    await seen.promise
    await second
    expect(await shown()).toHaveLength(1)
  })
})

test('news of an order without its beginning, or of a newer version, blame their event', async () => {
  const id = newId()
  const fail = (envelope: Envelope) => notify('kept', envelope).catch((error: unknown) => error)
  expect(await fail(orderPaid(id))).toMatchObject({
    slug: 'first-event',
    messageId: orderPaid(id).id,
  })
  const newer = { ...orderPaid(id), type: 'aeroalpes.orders.OrderPaid.v2' }
  expect(await fail(newer)).toMatchObject({ slug: 'unknown-version', messageId: newer.id })
})
