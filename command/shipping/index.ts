import { shippingEvents } from '../../shared/contracts/shipping.ts'
import { asPublished, parsedBy } from '../wiring.ts'
import { cancelShipment } from './cancel-shipment.ts'
import { prepareShipment } from './prepare-shipment.ts'

export { shippingReactor } from './fulfilment.reactor.ts'

/** What the module does: its use cases, what it reacts to, and what others get to see of it. */
export const shippingModule = {
  commands: {
    PrepareShipment: parsedBy(prepareShipment),
    CancelShipment: parsedBy(cancelShipment),
  },
  reactions: {},
  integration: {
    ShipmentPrepared: asPublished(shippingEvents.ShipmentPrepared),
    ShipmentFailed: asPublished(shippingEvents.ShipmentFailed),
    ShipmentCancelled: asPublished(shippingEvents.ShipmentCancelled),
  },
} as const
