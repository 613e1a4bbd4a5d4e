import { randomUUID } from 'node:crypto'
import type { ClientProcess, Harness } from '../../shared/messaging/contract-suite/contract.ts'
import type { Broker } from '../../shared/messaging/port.ts'
import { pulsarBroker } from '../../shared/messaging/pulsar/pulsar-broker.ts'
import { pulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import { clientProcess } from './client-process.ts'
import type { TestPulsar } from './pulsar.ts'

export interface PulsarHarness extends Harness {
  /** Closes every client and ends every process. */
  cleanUp(): Promise<void>
}

export interface PulsarHarnessOptions {
  readonly pulsar: TestPulsar
  /** `tenant/namespace`, which is there. */
  readonly namespace: string
  /** Whether topics can be read with Key_Shared. */
  readonly keyShared: boolean
  readonly kill?: () => Promise<void>
  readonly start?: () => Promise<void>
}

const impossible = async () => {
  throw new Error('this harness has no power over the broker')
}

/** The contract suite's view of one namespace of a Pulsar. */
export const pulsarHarness = (options: PulsarHarnessOptions): PulsarHarness => {
  const { pulsar, namespace, keyShared, kill = impossible, start = impossible } = options
  const brokers: Broker[] = []
  const processes: ClientProcess[] = []
  const topics: string[] = []
  const connect = () => {
    const broker = pulsarBroker({
      serviceUrl: pulsar.url,
      adminUrl: pulsar.adminUrl,
      tenant: 'aeroalpes',
      publishTimeoutMs: 2000,
      keyShared: () => keyShared,
    })
    brokers.push(broker)
    return broker
  }
  return {
    connect,
    kill,
    start,
    async topic(partitions = 1) {
      const name = `persistent://${namespace}/topic-${randomUUID().slice(0, 8)}`
      topics.push(name)
      await connect().ensureTopic(name, partitions)
      return name
    },
    spawn(job) {
      const { url, adminUrl } = pulsar
      const child = clientProcess({ pulsar: { url, adminUrl, keyShared } }, job)
      processes.push(child)
      return child
    },
    async census() {
      const admin = pulsarAdmin({ url: pulsar.adminUrl })
      const stats = await Promise.all(topics.map((topic) => admin.topics.partitionedStats(topic)))
      const subscriptions = stats.flatMap((one) => Object.values(one.subscriptions))
      const consumers = subscriptions.reduce((sum, { consumers: all }) => sum + all.length, 0)
      return { consumers, connections: 0 }
    },
    async cleanUp() {
      await Promise.all(processes.map((child) => child.kill()))
      await Promise.all(brokers.map((broker) => broker.close()))
    },
  }
}
