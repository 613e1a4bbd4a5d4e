import { afterAll, describe } from 'bun:test'
import { holdEvents } from '../../shared/contracts/inventory.ts'
import { embeddedBroker } from '../../shared/embedded/broker/embedded-broker.ts'
import { type Envelope, toMessage } from '../../shared/messaging/envelope.ts'
import type { Broker } from '../../shared/messaging/port.ts'
import { pulsarBroker } from '../../shared/messaging/pulsar/pulsar-broker.ts'
import { pulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import { afterPulsar, beforePulsar, needsPulsar } from './needs-pulsar.ts'
import { deleteTenant, ownTenant } from './own-tenant.ts'
import { type TestDatabase, testDatabase } from './postgres.ts'
import { testPulsar } from './pulsar.ts'

/** Where a process of its own finds the same topics. */
export type BrokerPlace =
  | { readonly database: string }
  | { readonly pulsar: string; readonly adminUrl: string; readonly tenant: string }

/** The topic of holds on a broker, empty for each test. */
export interface HoldTopic {
  fresh(): Promise<{ readonly broker: Broker; readonly place: BrokerPlace }>
}

export const brokerAt = (place: BrokerPlace): Broker =>
  'database' in place
    ? embeddedBroker({ database: { url: place.database } })
    : pulsarBroker({ ...place, serviceUrl: place.pulsar })

const { topic } = holdEvents.StockReserved

/** Publishes in this order; resolves when all of it is stored. */
export const publishTo = async (broker: Broker, envelopes: readonly Envelope[]): Promise<void> => {
  const publisher = broker.publisher()
  await Promise.all(envelopes.map((envelope) => publisher.publish(topic, toMessage(envelope))))
  await publisher.close()
}

/** Opens brokers, and closes all of them before what they are in goes. */
const opener = () => {
  const brokers: Broker[] = []
  return {
    async open(place: BrokerPlace) {
      const broker = brokerAt(place)
      brokers.push(broker)
      await broker.ensureTopic(topic, 4)
      return { broker, place }
    },
    close: () => Promise.all(brokers.map((broker) => broker.close())),
  }
}

export const holdsOnEachBroker = (suite: (topic: HoldTopic) => void): void => {
  describe('on the embedded broker', () => {
    const databases: TestDatabase[] = []
    const { open, close } = opener()
    suite({
      async fresh() {
        const database = await testDatabase(['broker'])
        databases.push(database)
        return open({ database: database.url })
      },
    })
    afterAll(async () => {
      await close()
      for (const database of databases) await database.drop()
    })
  })
  needsPulsar('on Apache Pulsar', () => {
    let place = { pulsar: '', adminUrl: '' }
    const tenants: string[] = []
    const { open, close } = opener()
    beforePulsar(async () => {
      const { url, adminUrl } = await testPulsar()
      place = { pulsar: url, adminUrl }
    })
    suite({
      async fresh() {
        const tenant = ownTenant()
        tenants.push(tenant)
        return open({ ...place, tenant })
      },
    })
    afterPulsar(async () => {
      await close()
      for (const tenant of tenants) await deleteTenant(pulsarAdmin({ url: place.adminUrl }), tenant)
    })
  })
}
