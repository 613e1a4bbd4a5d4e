import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { heard, order_id, shipment_id } from '../../tests/support/fulfilment.ts'
import { asHeard, toldBy } from '../../tests/support/reactions.ts'
import { ordersReactor } from './fulfilment.reactor.ts'

const told = toldBy(ordersReactor())
const { created, reserved, charged, committed, prepared } = heard

describe('an order', () => {
  test('is told what the others have done for it', () => {
    expect(told(created(), reserved).sent).toEqual(['MarkOrderReserved'])
    const paid = told(created(), reserved, charged)
    expect(paid.sent).toEqual(['MarkOrderPaid'])
    expect(paid.data).toEqual([{ order_id, payment_id: order_id, payment_method: 'card-ok' }])
    const shipped = told(created(), reserved, charged, committed, prepared)
    expect(shipped.sent).toEqual(['MarkOrderShipped'])
    expect(shipped.data).toEqual([{ order_id, shipment_id, carrier: 'Servientrega' }])
  })
  test('without an address is handed over when it has left the shelf', () => {
    const { sent, data } = told(created('card-ok', false), reserved, charged, committed)
    expect(sent).toEqual(['MarkOrderShipped'])
    expect(data).toEqual([{ order_id, shipment_id: order_id, carrier: null }])
  })
  test('is shipped after it was paid, though the shipment is heard of first', () => {
    const early = [created(), reserved, prepared]
    expect(told(...early).sent).toEqual([])
    expect(told(...early, charged).sent).toEqual(['MarkOrderPaid', 'MarkOrderShipped'])
  })
  test('is reserved before it is paid, though the stock is heard of later', () => {
    expect(told(created(), charged).sent).toEqual(['MarkOrderReserved', 'MarkOrderPaid'])
    expect(told(created(), charged, reserved).sent).toEqual([])
  })
  test('is told nothing twice and all in order, whatever is heard first or twice', () => {
    const story = [created(), reserved, charged, committed, prepared]
    fc.assert(
      fc.property(asHeard(story), (events) => {
        const { everSent } = told(...events)
        expect(everSent).toEqual(['MarkOrderReserved', 'MarkOrderPaid', 'MarkOrderShipped'])
      }),
    )
  })
})

describe('an order is cancelled', () => {
  test.each([
    ['there is too little stock', heard.short, 'out of stock: prod-1'],
    ['its stock was let go', heard.released, 'stock released'],
    ['its payment is declined', heard.declined, 'payment declined'],
    ['its payment is not answered', heard.paymentTimedOut, 'payment not answered in time'],
    ['its payment is answered too late', heard.chargedLate, 'payment not answered in time'],
    ['its payment is given up', heard.voided, 'payment given back'],
    ['its payment is given back', heard.refunded, 'payment given back'],
    ['nobody can deliver it', heard.undeliverable, 'undeliverable: nobody delivers there'],
    ['its shipment is called back', heard.shipmentCancelled, 'shipment cancelled'],
  ])('when %s', (_, event, reason) => {
    const { sent, data } = told(created(), event)
    expect(sent).toEqual(['CancelOrder'])
    expect(data).toEqual([{ order_id, reason }])
  })
  test('once, for the first reason', () => {
    const { everSent, data } = told(created(), reserved, heard.declined, heard.released)
    expect(everSent).toEqual(['MarkOrderReserved', 'CancelOrder'])
    expect(data).toEqual([])
  })
  test('by nobody else where its customer has done so', () => {
    expect(told(created(), heard.cancelled, heard.released, reserved).sent).toEqual([])
  })
})
