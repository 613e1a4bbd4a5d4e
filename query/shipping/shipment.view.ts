import { shippingEvents } from '../../shared/contracts/shipping.ts'
import type { EventsOf, Stream, View } from '../projection/view.ts'
import { type ShipmentRow, shipmentTable } from './shipment.table.ts'

type ShipmentEvent = EventsOf<typeof shippingEvents>

const unsent = { carrier: null, tracking: null }

/** Where is the parcel of an order? */
const shipmentView: View<ShipmentRow, ShipmentEvent, Omit<ShipmentRow, 'version' | 'revision'>> = {
  name: 'shipments',
  revision: 1,
  table: shipmentTable,
  rowId: ({ subject }) => subject,
  project(_before, { name, data, subject: id, time: updated_at }) {
    switch (name) {
      case 'ShipmentPrepared': {
        const { carrier, tracking } = data
        return { id, status: 'PREPARED', carrier, tracking, updated_at }
      }
      case 'ShipmentFailed':
        return { id, status: 'FAILED', ...unsent, updated_at }
      case 'ShipmentCancelled':
        return { id, status: 'CANCELLED', ...unsent, updated_at }
      default:
        return data satisfies never
    }
  },
}

export const shipmentStream: Stream<ShipmentEvent> = {
  module: 'shipping',
  contracts: shippingEvents,
  head: shipmentView,
  links: [],
}
