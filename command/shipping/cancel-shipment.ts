import type { DataOf } from '../../shared/contracts/contract.ts'
import { CancelShipment } from '../../shared/contracts/shipping.ts'
import { handler, happened, lock } from '../../uow/handler.ts'
import { shipments } from './shipment.aggregate.ts'

/**
 * Of an order without a shipment it is remembered: the shipment may be asked for later, over another
 * way, and must not be prepared any more.
 */
export const cancelShipment = handler<DataOf<typeof CancelShipment>>({
  contract: CancelShipment,
  locks: ({ order_id }) => [lock(shipments, order_id)],
  decide({ order_id, reason = null }, rows) {
    const shipment = rows.get(shipments, order_id)
    if (shipment?.status === 'CANCELLED' || shipment?.status === 'FAILED') return []
    const data = { order_id, shipment_id: shipment?.shipment_id ?? null, reason }
    return [happened(shipments, order_id, { type: 'ShipmentCancelled', data })]
  },
})
