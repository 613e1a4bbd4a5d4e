import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { ClientProcess } from '../../shared/messaging/contract-suite/contract.ts'
import type { Broker } from '../../shared/messaging/port.ts'
import {
  pulsarBroker,
  type PulsarBrokerOptions,
} from '../../shared/messaging/pulsar/pulsar-broker.ts'
import { pulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import { fetchTrusting } from '../../shared/runtime/trusting-fetch.ts'
import { clientProcess } from './client-process.ts'
import type { TidyHarness } from './prove-contract.ts'
import type { TestPulsar } from './pulsar.ts'

export interface PulsarHarnessOptions {
  readonly pulsar: TestPulsar
  /** `tenant/namespace`, which is there. */
  readonly namespace: string
  /** Whether topics can be read with Key_Shared. */
  readonly keyShared: boolean
  /** What connects. Default our own client. */
  readonly connect?: (options: PulsarBrokerOptions) => Broker
  /** For a Pulsar that asks for tokens. */
  readonly token?: string
  readonly tlsCa?: string
  readonly kill?: () => Promise<void>
  readonly start?: () => Promise<void>
}

const impossible = async () => {
  throw new Error('this harness has no power over the broker')
}

/** The contract suite's view of one namespace of a Pulsar. */
export const pulsarHarness = (options: PulsarHarnessOptions): TidyHarness => {
  const { pulsar, namespace, keyShared, tlsCa, kill = impossible, start = impossible } = options
  const brokers: Broker[] = []
  const processes: ClientProcess[] = []
  const topics: string[] = []
  const connectWith = (token: string | undefined) => {
    const broker = (options.connect ?? pulsarBroker)({
      serviceUrl: pulsar.url,
      adminUrl: pulsar.adminUrl,
      tenant: 'aeroalpes',
      publishTimeoutMs: 2000,
      keyShared: () => keyShared,
      ...(token ? { token } : {}),
      ...(tlsCa ? { tlsCa, fetch: fetchTrusting(tlsCa) } : {}),
    })
    brokers.push(broker)
    return broker
  }
  const connect = () => connectWith(options.token)
  return {
    connect,
    stranger: () => connectWith('no.such.token'),
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
      return { consumers, connections: connectionsTo(Number(new URL(pulsar.url).port)) }
    },
    async cleanUp() {
      await Promise.all(processes.map((child) => child.kill()))
      await Promise.all(brokers.map((broker) => broker.close()))
    },
  }
}

/** Sockets of this process that are connected to a port of this machine; 0 where Linux does not tell. */
const connectionsTo = (port: number): number => {
  if (process.platform !== 'linux') return 0
  const own = new Set(readdirSync('/proc/self/fd').map(socketOf))
  const remote = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const lines = ['/proc/self/net/tcp', '/proc/self/net/tcp6'].flatMap((file) =>
    readFileSync(file, 'utf8').trim().split('\n').slice(1),
  )
  return lines.filter((line) => {
    const fields = line.trim().split(/\s+/)
    return fields[2]?.endsWith(remote) && fields[3] === established && own.has(fields[9] ?? '')
  }).length
}

const established = '01'

/** The inode of the socket behind a file descriptor, which may be gone by now. */
const socketOf = (descriptor: string): string | undefined => {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${descriptor}`))?.[1]
  } catch {
    return undefined
  }
}
