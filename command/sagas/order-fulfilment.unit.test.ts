import { describe, expect, test } from 'bun:test'
import { after, heard, order_id, payment, shipment_id } from '../../tests/support/fulfilment.ts'

const { created, due, reserved, charged, committed, prepared, shipped } = heard
const held = [created(), reserved]
const paid = [...held, charged]
const taken = [...paid, committed]
const sentOff = [...taken, prepared]

describe('an order that nothing stands in the way of', () => {
  test('has its stock held, is charged, leaves the shelf, is shipped and confirmed', () => {
    expect(after(created()).sent).toEqual(['HoldStock'])
    expect(after(...held).sent).toEqual(['MarkOrderReserved', 'ChargePayment'])
    expect(after(...paid).sent).toEqual(['MarkOrderPaid', 'CommitStock'])
    expect(after(...taken).sent).toEqual(['PrepareShipment'])
    expect(after(...sentOff).sent).toEqual(['MarkOrderShipped'])
    const end = after(...sentOff, shipped)
    expect(end).toMatchObject({ sent: [], waiting: [], state: { step: 'shipped' } })
  })
  test('waits for each answer, and for nothing else', () => {
    const steps = [created(), reserved, charged, committed, prepared]
    const waiting = steps.map((_, index) => after(...steps.slice(0, index + 1)).waiting)
    expect(waiting).toEqual([
      ['hold-stock 1'],
      ['charge 1'],
      ['commit-stock 1'],
      ['ship 1'],
      ['confirm 1'],
    ])
  })
  test('tells each what it needs to know', () => {
    expect(after(...held).commands[1]?.data).toEqual(payment)
    expect(after(...paid).commands[0]?.data).toEqual({
      order_id,
      payment_id: order_id,
      payment_method: 'card-ok',
    })
    expect(after(...sentOff).commands[0]?.data).toEqual({
      order_id,
      shipment_id,
      carrier: 'Servientrega',
    })
  })
  test('sends commands that their contracts can read', () => {
    for (const count of [1, 2, 3, 4, 5]) {
      for (const { contract, data } of after(...sentOff.slice(0, count)).commands)
        expect(contract.schema.safeParse(data).error).toBeUndefined()
    }
  })
  test('is handed over where it has no address', () => {
    const { sent, commands } = after(created('card-ok', false), reserved, charged, committed)
    expect(sent).toEqual(['MarkOrderShipped'])
    expect(commands[0]?.data).toEqual({ order_id, shipment_id: order_id, carrier: null })
  })
  test('takes the same answer twice for one', () => {
    expect(after(...paid, charged).sent).toEqual([])
    expect(after(...paid, reserved).sent).toEqual([])
    expect(after(...taken, committed).sent).toEqual([])
    expect(after(...sentOff, prepared).sent).toEqual([])
    expect(after(created(), created()).sent).toEqual([])
    expect(after(...sentOff, shipped, shipped).state?.step).toBe('shipped')
  })
})

describe('an order without a way to pay', () => {
  const waiting = [created(null), reserved]
  test('waits in RESERVED for as long as its stock is held', () => {
    expect(after(...waiting)).toMatchObject({
      sent: ['MarkOrderReserved'],
      timers: { 'await-payment 1': 15 * 60_000 },
    })
  })
  test('is charged with the method that comes', () => {
    const { commands } = after(...waiting, heard.payRequested)
    expect(commands).toMatchObject([{ data: { payment_method: 'card-ok' } }])
  })
  test('is cancelled when the hold ends', () => {
    const late = [...waiting, due('await-payment 1')]
    expect(after(...late).sent).toEqual(['ReleaseStock'])
    expect(after(...late, heard.released).sent).toEqual(['CancelOrder'])
    const end = after(...late, heard.released, heard.cancelled)
    expect(end.state).toMatchObject({ step: 'cancelled', reason: 'not paid in time' })
  })
  test('that is paid for after the hold has ended stays cancelled', () => {
    const late = [...waiting, due('await-payment 1'), heard.payRequested]
    expect(after(...late).sent).toEqual([])
    expect(after(...late, heard.released, heard.cancelled).state?.step).toBe('cancelled')
  })
})

describe('a step that fails', () => {
  test('too little stock: there is nothing to give back', () => {
    const { sent, state } = after(created(), heard.short)
    expect(sent).toEqual(['CancelOrder'])
    expect(state?.reason).toBe('out of stock: prod-1')
  })
  test('a declined payment: the stock goes back', () => {
    const { sent, state } = after(...held, heard.declined)
    expect(sent).toEqual(['ReleaseStock'])
    expect(state?.reason).toBe('payment declined')
    expect(after(...held, heard.declined, heard.released).sent).toEqual(['CancelOrder'])
  })
  test('a payment that was not answered may have been made: it is given back, too', () => {
    const lost = [...held, heard.paymentTimedOut]
    expect(after(...lost).sent).toEqual(['RefundPayment'])
    expect(after(...lost, heard.voided).sent).toEqual(['ReleaseStock'])
  })
  test('an address that nobody delivers to: all before it is undone, the last first', () => {
    const events = [...taken, heard.undeliverable]
    expect(after(...events).sent).toEqual(['ReleaseStock'])
    expect(after(...events, heard.released).sent).toEqual(['RefundPayment'])
    expect(after(...events, heard.released, heard.refunded).sent).toEqual(['CancelOrder'])
    const end = after(...events, heard.released, heard.refunded, heard.cancelled)
    expect(end).toMatchObject({ waiting: [], state: { step: 'cancelled' } })
  })
  test('tells everybody the reason', () => {
    const { commands } = after(...held, heard.declined)
    expect(commands[0]?.data).toEqual({ order_id, reason: 'payment declined' })
  })
})

describe('a step that is not answered in time', () => {
  test.each([
    ['hold-stock', [created()], 'ReleaseStock', 'no answer in time: hold-stock'],
    ['charge', held, 'RefundPayment', 'payment not answered in time'],
    ['commit-stock', paid, 'ReleaseStock', 'no answer in time: commit-stock'],
    ['ship', taken, 'CancelShipment', 'no answer in time: ship'],
  ] as const)('%s is given up, and undone like one that was done', (step, before, undo, reason) => {
    const { sent, state } = after(...before, due(`${step} 1`))
    expect([sent, state?.reason]).toEqual([[undo], reason])
  })
  test('a shipment that was not answered is undone to the beginning, the last first', () => {
    const events = [
      due('ship 1'),
      heard.shipmentCancelled,
      heard.released,
      heard.refunded,
      heard.cancelled,
    ]
    const sent = events.map((_, index) => after(...taken, ...events.slice(0, index + 1)).sent)
    expect(sent).toEqual([
      ['CancelShipment'],
      ['ReleaseStock'],
      ['RefundPayment'],
      ['CancelOrder'],
      [],
    ])
  })
  test('its confirmation is asked for again: the order may have heard it', () => {
    const { sent, timers } = after(...sentOff, due('confirm 1'))
    expect(sent).toEqual(['MarkOrderShipped 2'])
    expect(timers).toEqual({ 'confirm 2': 20_000 })
  })
  test('a timer of a step that was answered, or of another attempt, does nothing', () => {
    expect(after(...held, due('hold-stock 1')).sent).toEqual([])
    expect(after(...held, due('charge 2')).sent).toEqual([])
  })
})

describe('an answer that comes too late', () => {
  test('a charge after the timeout is given back', () => {
    const late = [...held, due('charge 1'), charged]
    expect(after(...late).sent).toEqual([])
    expect(after(...late, heard.refunded).sent).toEqual(['ReleaseStock'])
  })
  test('a charge that payments has given up on does not carry the order on', () => {
    const { sent, state } = after(...held, heard.chargedLate)
    expect(sent).toEqual(['RefundPayment'])
    expect(state?.reason).toBe('payment not answered in time')
  })
  test('stock that was held after the timeout is given back', () => {
    const late = [created(), due('hold-stock 1'), reserved]
    expect(after(...late).sent).toEqual([])
    expect(after(...late, heard.released).sent).toEqual(['CancelOrder'])
  })
  test('stock that was refused after the timeout needs no giving back', () => {
    expect(after(created(), due('hold-stock 1'), heard.short).sent).toEqual(['CancelOrder'])
  })
  test('a shipment that was prepared after the timeout is cancelled', () => {
    const late = [...taken, due('ship 1'), prepared]
    expect(after(...late).sent).toEqual([])
    expect(after(...late, heard.shipmentCancelled).sent).toEqual(['ReleaseStock'])
  })
})

describe('what undoes a step', () => {
  test('is asked for again until it is done, however often it fails', () => {
    const failing = [due('release-stock 1'), due('release-stock 2'), due('release-stock 3')]
    const events = [...held, heard.declined, ...failing]
    expect(after(...events).sent).toEqual(['ReleaseStock 4'])
    expect(after(...events, heard.released).sent).toEqual(['CancelOrder'])
  })
  test('is asked for less often from time to time', () => {
    const again = Array.from({ length: 9 }, (_, index) => due(`release-stock ${index + 1}`))
    const waits = again.map(
      (_, index) =>
        Object.values(after(...held, heard.declined, ...again.slice(0, index)).timers)[0],
    )
    expect(waits.map((ms = 0) => ms / 1000)).toEqual([10, 20, 40, 80, 160, 300, 300, 300, 300])
  })
  test('is not asked for where it was done before it was needed', () => {
    const events = [...taken, due('ship 1'), heard.released, heard.refunded]
    expect(after(...events, heard.shipmentCancelled).sent).toEqual(['CancelOrder'])
  })
})

describe('a customer who cancels', () => {
  test.each([
    ['while stock is looked for', [created()], 'ReleaseStock'],
    ['while it is charged', held, 'RefundPayment'],
    ['while it leaves the shelf', paid, 'ReleaseStock'],
    ['while it is shipped', taken, 'CancelShipment'],
    ['before it is confirmed', sentOff, 'CancelShipment'],
  ] as const)('%s gets back what was done, the last first', (_, before, undo) => {
    const { sent, state } = after(...before, heard.cancelled)
    expect(sent).toEqual([undo])
    expect(state?.reason).toBe('plans changed')
  })
  test('is not cancelled once more', () => {
    const end = after(...held, heard.cancelled, heard.voided, heard.released)
    expect(end).toMatchObject({ sent: [], waiting: [], state: { step: 'cancelled' } })
  })
})

describe('money or stock that somebody gives back by hand', () => {
  test('ends an order that is on its way', () => {
    expect(after(...paid, heard.refunded).sent).toEqual(['ReleaseStock'])
    expect(after(...held, heard.released).sent).toEqual(['RefundPayment'])
  })
  test('does not end one that may be confirmed already: the order says how it ended', () => {
    expect(after(...sentOff, heard.refunded).sent).toEqual([])
    expect(after(...sentOff, heard.refunded, shipped).state?.step).toBe('shipped')
  })
})

test('an order that has ended stays as it is', () => {
  const late = [charged, heard.released, heard.cancelled, due('confirm 1')]
  for (const event of late) {
    expect(after(...sentOff, shipped, event).state?.undone).toEqual([])
    expect(after(...sentOff, shipped, event).sent).toEqual([])
  }
  const off = [created(), heard.short, heard.cancelled]
  for (const event of late) expect(after(...off, event)).toMatchObject(after(...off))
})

test('events of an order that nobody fulfils are passed over', () => {
  expect(after(charged).state).toBeUndefined()
})
