import { randomUUID } from 'node:crypto'
import postgres from 'postgres'
import { embeddedBroker } from '../../shared/embedded/broker/embedded-broker.ts'
import type { ClientProcess } from '../../shared/messaging/contract-suite/contract.ts'
import type { Broker } from '../../shared/messaging/port.ts'
import { clientProcess } from './client-process.ts'
import type { TidyHarness } from './prove-contract.ts'

export interface Power {
  kill(): Promise<void>
  start(): Promise<void>
}

/** The contract suite's view of the embedded broker in one database. */
export const embeddedHarness = (url: string, power: Power): TidyHarness => {
  const brokers: Broker[] = []
  const processes: ClientProcess[] = []
  const connect = () => {
    const broker = embeddedBroker({ database: { url }, publishTimeoutMs: 2000 })
    brokers.push(broker)
    return broker
  }
  return {
    connect,
    stranger: connect,
    ...power,
    async topic(partitions = 1) {
      const name = `topic-${randomUUID().slice(0, 8)}`
      await connect().ensureTopic(name, partitions)
      return name
    },
    spawn(job) {
      const child = clientProcess({ database: url }, job)
      processes.push(child)
      return child
    },
    census: () => census(url),
    async cleanUp() {
      await Promise.all(processes.map((child) => child.kill()))
      await Promise.all(brokers.map((broker) => broker.close()))
    },
  }
}

const census = async (url: string) => {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    const [row] = await sql`
      SELECT (SELECT count(*)::int FROM broker.consumer) AS consumers,
        (SELECT count(*)::int FROM pg_stat_activity
         WHERE datname = current_database() AND application_name LIKE 'aeroalpes broker%') AS connections`
    return { consumers: Number(row?.consumers), connections: Number(row?.connections) }
  } finally {
    await sql.end()
  }
}
