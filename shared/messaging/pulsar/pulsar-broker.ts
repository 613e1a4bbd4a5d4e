import type { Broker } from '../port.ts'
import { brokerOn, type BrokerOptions } from './broker-on.ts'
import { type DriverAccess, nativeDriver } from './native-driver.ts'

export interface PulsarBrokerOptions extends BrokerOptions, DriverAccess {}

/** Apache Pulsar through our own client; see `brokerOn` for what it guarantees. Connects when first used. */
export const pulsarBroker = (options: PulsarBrokerOptions): Broker =>
  brokerOn(nativeDriver(options), options)
