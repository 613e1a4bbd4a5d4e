import { describe, expect, test } from 'bun:test'
import { given, isRejection } from '../../tests/support/given.ts'
import { happened } from '../../uow/handler.ts'
import { cancelShipment } from './cancel-shipment.ts'
import { prepareShipment } from './prepare-shipment.ts'
import { type ShipmentEvent, shipments } from './shipment.aggregate.ts'

const order_id = '0197a000-0000-7000-8000-000000000001'
const address = {
  recipient: 'Ana',
  street: 'Calle 1',
  city: 'Bogotá',
  postal_code: '110111',
  country: 'CO',
}
const items = [
  { sku: 'pillow', name: 'Travel pillow', quantity: 2 },
  { sku: 'tag', name: 'Luggage tag', quantity: 1 },
]
const order = { order_id, address, items }
const was = (event: ShipmentEvent) => happened(shipments, order_id, event)
const sent = (changes: object = {}, locale?: string) =>
  given().when(prepareShipment, {
    ...order,
    address: { ...address, ...changes },
    ...(locale === undefined ? {} : { locale }),
  })
const dataOf = ({ decision }: ReturnType<typeof sent>) =>
  isRejection(decision) ? undefined : (decision[0]?.event.data as { customs_note?: unknown })
const noteOf = (answer: ReturnType<typeof sent>) => dataOf(answer)?.customs_note

const shipment_id = '0197a000-0000-7000-8000-000000000002'
const prepared = was({
  type: 'ShipmentPrepared',
  data: {
    order_id,
    shipment_id,
    carrier: 'c',
    tracking: 't',
    country: 'CO',
    items,
    customs_note: null,
  },
})
const failed = was({
  type: 'ShipmentFailed',
  data: { order_id, reason: 'undeliverable', detail: 'd' },
})
const cancelled = (id: string | null) =>
  was({ type: 'ShipmentCancelled', data: { order_id, shipment_id: id, reason: 'unpaid' } })

describe('a shipment', () => {
  test('within the country has a carrier and a tracking number, and no customs note', () => {
    expect(sent().decision).toMatchObject([
      {
        event: {
          type: 'ShipmentPrepared',
          data: {
            order_id,
            carrier: 'Alpes Express',
            tracking: expect.stringMatching(/^AA[0-9A-F]{14}CO$/),
            country: 'CO',
            items,
            customs_note: null,
          },
        },
      },
    ])
  })
  test('is the same parcel whenever it is decided again', () => {
    expect(sent().decision).toEqual(sent().decision)
  })
  test('abroad carries what customs want to know, in the language of the order', () => {
    expect(noteOf(sent({ country: 'JP' }))).toBe(
      'Customs declaration, goods sold: 2 × Travel pillow, 1 × Luggage tag',
    )
    expect(noteOf(sent({ country: 'es' }, 'es-ES'))).toStartWith('Declaración de aduana')
    expect(noteOf(sent({ country: 'IT' }, 'it'))).toStartWith('Dichiarazione doganale')
    // Yupik, which is no Spanish.
    expect(noteOf(sent({ country: 'US' }, 'esu'))).toStartWith('Customs declaration')
    expect(noteOf(sent({ country: 'FR' }, 'constructor'))).toStartWith('Customs declaration')
  })
  test('tells nobody the address', () => {
    expect(JSON.stringify(dataOf(sent({ country: 'JP' })))).not.toContain('Calle 1')
  })
  test('that nobody can deliver fails with the reason', () => {
    for (const changes of [{ country: 'XX' }, { country: '' }, { postal_code: '00000' }])
      expect(sent(changes).decision).toMatchObject([
        { event: { type: 'ShipmentFailed', data: { reason: 'undeliverable' } } },
      ])
    expect(sent({ postal_code: '000-0000' }).events).toEqual(['ShipmentFailed'])
    expect(sent({ postal_code: null }).events).toEqual(['ShipmentPrepared'])
    expect(sent({ postal_code: '00100' }).events).toEqual(['ShipmentPrepared'])
  })
  test('is prepared once, and never after it was cancelled', () => {
    for (const past of [prepared, failed, cancelled(null)])
      expect(given(past).when(prepareShipment, order).decision).toEqual([])
  })
})

describe('cancelling a shipment', () => {
  const cancel = { order_id, reason: 'unpaid' }
  test('names what was prepared', () => {
    expect(given(prepared).when(cancelShipment, cancel).decision).toEqual([cancelled(shipment_id)])
  })
  test('of an order without one is remembered', () => {
    expect(given().when(cancelShipment, cancel).decision).toEqual([cancelled(null)])
  })
  test('again, or of one that failed, changes nothing', () => {
    for (const past of [failed, cancelled(shipment_id)])
      expect(given(past).when(cancelShipment, cancel).decision).toEqual([])
  })
})
