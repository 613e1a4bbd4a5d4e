import { startRelay } from '../../shared/delivery/relay.ts'
import { openDatabase } from '../../shared/postgres/database.ts'
import { silent } from './delivery-probe.ts'

/** A relay that publishes into the table `published`, and is killed at the given step. */
const relayUntilKilled = async (url: string, step: string) => {
  const database = openDatabase(url, { name: 'child' })
  const die = (at: string) => at === step && process.kill(process.pid, 'SIGKILL')
  let stored = 0
  startRelay({
    database: {
      ...database,
      async query(text, parameters) {
        if (text.includes('delivery.advance') && stored > 0) die('after publish')
        return database.query(text, parameters)
      },
    },
    broker: {
      publisher: () => ({
        async publish(_topic, { properties }) {
          die('after claim')
          await database.query('INSERT INTO published (id) VALUES ($1)', [properties['ce_id']])
          if (++stored === 7) die('in between')
          return String(stored)
        },
        async close() {},
      }),
    },
    logger: silent,
    batchSize: 20,
    leaseMs: 300,
  })
}

const [, , url = '', step = ''] = process.argv
if (import.meta.main) await relayUntilKilled(url, step)
