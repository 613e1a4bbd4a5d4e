import type { DataOf } from '../../shared/contracts/contract.ts'
import { PrepareShipment } from '../../shared/contracts/shipping.ts'
import { handler, happened, lock } from '../../uow/handler.ts'
import { parcelOf, undeliverable } from './parcel.ts'
import { shipments } from './shipment.aggregate.ts'

/**
 * That nobody can bring it there is an event, not a rejection: whoever waits for the shipment of this
 * order listens to events. Asked again, or after it was cancelled, it changes nothing.
 */
export const prepareShipment = handler<DataOf<typeof PrepareShipment>>({
  contract: PrepareShipment,
  locks: ({ order_id }) => [lock(shipments, order_id)],
  decide({ order_id, address, items, locale }, rows) {
    if (rows.get(shipments, order_id)) return []
    const detail = undeliverable(address)
    if (detail !== undefined) {
      const data = { order_id, reason: 'undeliverable', detail } as const
      return [happened(shipments, order_id, { type: 'ShipmentFailed', data })]
    }
    const data = { order_id, ...parcelOf(order_id, address, items, locale), items }
    return [happened(shipments, order_id, { type: 'ShipmentPrepared', data })]
  },
})
