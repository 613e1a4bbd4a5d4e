import type { Broker } from '../port.ts'
import { adminOf, brokerOn, type BrokerOptions } from '../pulsar/broker-on.ts'
import { type Addon, loadAddon } from './addon.ts'
import { type OfficialAccess, officialDriver } from './official-driver.ts'

export interface OfficialBrokerOptions extends BrokerOptions, OfficialAccess {}

/**
 * Apache Pulsar through the official client, npm `pulsar-client`; as `brokerOn`, except: the addon
 * does not say which Failover consumer is active, whether an acknowledgement has arrived, nor when a
 * message is due. Throws `Misuse` slug `official-client-missing` without the addon's binary.
 */
export const officialBroker = async (options: OfficialBrokerOptions): Promise<Broker> =>
  officialBrokerOf(await loadAddon(), options)

export const officialBrokerOf = (addon: Addon, options: OfficialBrokerOptions): Broker =>
  brokerOn(officialDriver(addon, options, adminOf(options)), options)
