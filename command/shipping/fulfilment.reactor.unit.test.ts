import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { heard, order_id } from '../../tests/support/fulfilment.ts'
import { asHeard, toldBy } from '../../tests/support/reactions.ts'
import { shippingReactor } from './fulfilment.reactor.ts'

const told = toldBy(shippingReactor())
const { created, committed, prepared, cancelled } = heard
const asked = [created(), committed]

test('shipping prepares a parcel of what has left the shelf', () => {
  expect(told(created()).sent).toEqual([])
  const { sent, data } = told(...asked)
  expect(sent).toEqual(['PrepareShipment'])
  expect(data).toMatchObject([
    {
      order_id,
      address: { city: 'Bogotá' },
      items: [{ sku: 'prod-1', name: 'Pillow', quantity: 2 }],
      locale: 'es-CO',
    },
  ])
})

test('shipping has nothing to do where there is no address', () => {
  expect(told(created('card-ok', false), committed, cancelled).everSent).toEqual([])
})

test('shipping calls the parcel of a cancelled order back', () => {
  expect(told(...asked, cancelled).sent).toEqual(['CancelShipment'])
  const { sent, data } = told(...asked, prepared, cancelled)
  expect(sent).toEqual(['CancelShipment'])
  expect(data).toEqual([{ order_id, reason: 'plans changed' }])
})

test('shipping calls nothing back that was not sent', () => {
  expect(told(...asked, heard.undeliverable, cancelled).sent).toEqual([])
  expect(told(...asked, heard.shipmentCancelled, cancelled).sent).toEqual([])
  expect(told(created(), cancelled).sent).toEqual([])
})

test('shipping prepares nothing for an order that is off', () => {
  expect(told(created(), cancelled, committed).everSent).toEqual([])
  expect(told(cancelled, created(), committed).everSent).toEqual([])
})

test('shipping prepares one parcel, whatever it hears first or twice', () => {
  fc.assert(
    fc.property(asHeard([created(), committed]), (events) => {
      expect(told(...events).everSent).toEqual(['PrepareShipment'])
    }),
  )
})
