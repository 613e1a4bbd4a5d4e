import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { heard, order_id } from '../../tests/support/fulfilment.ts'
import { asHeard, toldBy } from '../../tests/support/reactions.ts'
import { inventoryReactor } from './fulfilment.reactor.ts'

const told = toldBy(inventoryReactor())
const { created, reserved, charged, committed, due } = heard
const held = [created(), reserved]
const taken = [...held, charged]

describe('inventory', () => {
  test('holds the stock of an order that was made', () => {
    const { sent, data } = told(created())
    expect(sent).toEqual(['HoldStock'])
    expect(data).toEqual([{ order_id, items: [{ ...reserved.data.items[0]! }] }])
  })
  test('takes from the shelf what is paid', () => {
    expect(told(...taken).sent).toEqual(['CommitStock'])
  })
  test('keeps holding what is paid too late', () => {
    expect(told(...held, heard.chargedLate).sent).toEqual([])
  })
  test.each([
    ['is declined', heard.declined, 'payment declined'],
    ['is not answered', heard.paymentTimedOut, 'payment not answered in time'],
    ['is given up', heard.voided, 'payment given back'],
  ])('lets go of it when the payment %s', (_, event, reason) => {
    const { sent, data } = told(...held, event)
    expect(sent).toEqual(['ReleaseStock'])
    expect(data).toEqual([{ order_id, reason }])
  })
  test('takes it back when nobody can deliver it', () => {
    const { sent, data } = told(...taken, committed, heard.undeliverable)
    expect(sent).toEqual(['ReleaseStock'])
    expect(data).toEqual([{ order_id, reason: 'undeliverable: nobody delivers there' }])
  })
  test('lets go of it when the order is cancelled, at whatever moment', () => {
    for (const before of [[created()], held, taken, [...taken, committed]])
      expect(told(...before, heard.cancelled).sent).toEqual(['ReleaseStock'])
  })
  test('has nothing to let go of where it holds nothing', () => {
    expect(told(created(), heard.short, heard.cancelled).sent).toEqual([])
    expect(told(...held, heard.released, heard.cancelled).sent).toEqual([])
  })
  test('takes nothing for an order that is off, and holds nothing', () => {
    expect(told(heard.cancelled, created()).everSent).toEqual([])
    expect(told(...held, heard.cancelled, charged).sent).toEqual([])
  })
})

describe('a hold', () => {
  test('ends after 15 minutes', () => {
    expect(told(...held).timers).toEqual({ unpaid: 15 * 60_000 })
    const { sent, data } = told(...held, due('unpaid'))
    expect(sent).toEqual(['ReleaseStock'])
    expect(data).toEqual([{ order_id, reason: 'not paid in time' }])
  })
  test('begins anew for who wants to pay just then', () => {
    const paying = [created(null), reserved, heard.payRequested]
    expect(told(...paying).timers).toEqual({ paying: 15 * 60_000 })
    expect(told(...paying, due('unpaid')).sent).toEqual([])
    expect(told(...paying, due('paying')).sent).toEqual(['ReleaseStock'])
  })
  test('does not end once it is paid, or over', () => {
    for (const last of [charged, heard.released, heard.declined, heard.cancelled, committed])
      expect(told(...held, last).timers).toEqual({})
    expect(told(...taken, due('unpaid')).sent).toEqual([])
    expect(told(...held, committed, due('unpaid')).sent).toEqual([])
  })
  test('that has ended takes nothing, even if it is paid after all', () => {
    expect(told(...held, due('unpaid'), charged).sent).toEqual([])
  })
})

test('inventory does each once and in order, whatever it hears first or twice', () => {
  fc.assert(
    fc.property(asHeard([created(), reserved, charged, committed]), (events) => {
      expect(told(...events).everSent).toEqual(['HoldStock', 'CommitStock'])
    }),
  )
})
