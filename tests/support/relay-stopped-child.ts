import { startRelay } from '../../shared/delivery/relay.ts'
import { pulsarBroker } from '../../shared/messaging/pulsar/pulsar-broker.ts'
import { openDatabase } from '../../shared/postgres/database.ts'
import { silent } from './delivery-probe.ts'

export interface StoppedRelay {
  readonly databaseUrl: string
  readonly serviceUrl: string
  readonly adminUrl: string
  readonly tenant: string
  readonly topic: string
  readonly fenced: boolean
  readonly leaseMs: number
}

/**
 * A relay that stops itself, as a process that is not given the processor, when it has read its second
 * batch and published none of it. Says what becomes of each message that it tries to publish.
 */
const relayUntilStopped = ({ databaseUrl, topic, fenced, leaseMs, ...at }: StoppedRelay) => {
  const database = openDatabase(databaseUrl, { name: 'child' })
  const broker = pulsarBroker(at)
  let batches = 0
  startRelay({
    database: {
      ...database,
      async query<Row extends object>(text: string, parameters?: readonly unknown[]) {
        const rows = await database.query<Row>(text, parameters)
        if (text.includes('delivery.advance') && rows.length > 0 && ++batches === 2)
          process.kill(process.pid, 'SIGSTOP')
        return rows
      },
    },
    broker: {
      stats: broker.stats,
      publisher(options) {
        const publisher = broker.publisher(options)
        return {
          ...publisher,
          async publish(to, message) {
            const id = message.properties['ce_id'] ?? ''
            try {
              const stored = await publisher.publish(to, message)
              console.log(`stored ${id}`)
              return stored
            } catch (error) {
              console.log(`refused ${id}: ${error}`)
              throw error
            }
          },
        }
      },
    },
    fenced: fenced ? [topic] : [],
    logger: silent,
    leaseMs,
  })
}

if (import.meta.main) relayUntilStopped(JSON.parse(process.argv[2] ?? '{}') as StoppedRelay)
