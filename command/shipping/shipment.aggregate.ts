import type { DataOf } from '../../shared/contracts/contract.ts'
import type { shippingEvents } from '../../shared/contracts/shipping.ts'
import { aggregate, type EventPlace } from '../../uow/aggregate.ts'
import { lockRank } from '../write-schema.ts'
import { shipmentTable } from './shipment.table.ts'

type Contracts = typeof shippingEvents

export type ShipmentEvent = {
  [Name in keyof Contracts]: { readonly type: Name; readonly data: DataOf<Contracts[Name]> }
}[keyof Contracts]

export type Shipment = Readonly<typeof shipmentTable.$inferSelect>

const evolveShipment = (
  _before: Shipment | undefined,
  { type, data }: ShipmentEvent,
  { id }: EventPlace,
): Omit<Shipment, 'version'> => {
  switch (type) {
    case 'ShipmentPrepared':
      return { id, status: 'PREPARED', shipment_id: data.shipment_id }
    case 'ShipmentFailed':
      return { id, status: 'FAILED', shipment_id: null }
    case 'ShipmentCancelled':
      return { id, status: 'CANCELLED', shipment_id: data.shipment_id }
    default:
      return data satisfies never
  }
}

/** The parcel of an order. */
export const shipments = aggregate<Shipment, ShipmentEvent>({
  name: 'shipping',
  rank: lockRank.shipments,
  table: shipmentTable,
  evolve: evolveShipment,
})
