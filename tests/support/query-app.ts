import type { EdgeApp } from '../../shared/http/edge-env.ts'
import { tokenVerifier } from '../../shared/identity/token-verifier.ts'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import { type Database, openDatabase } from '../../shared/postgres/database.ts'
import { readReceipt } from '../../shared/receipts/read-receipt.ts'
import { createLogger } from '../../shared/telemetry/logger.ts'
import { createMetrics } from '../../shared/telemetry/metrics.ts'
import { userVault } from '../../shared/vault/user-keys.ts'
import { queryApp } from '../../query/app.ts'
import { searchIndexerWork } from '../../query/products/search-indexer.work.ts'
import { projectorWork } from '../../query/projection/projector.work.ts'
import { allStreams } from '../../query/streams.ts'
import { testDatabase } from './postgres.ts'
import { credentialKey, deliveryOf } from './recorded-events.ts'

export const jwtSecret = 'a secret for tests only, of more than 32 characters'
export const ticketSecret = 'another secret for tests only, of more than 32'

export interface TestReadSide {
  readonly database: Database
  app(options?: { readonly auth?: 'off' | 'jwt'; readonly showMails?: boolean }): EdgeApp
  /** Brings the views and the search index up to date with these events. */
  project(...envelopes: readonly Envelope[]): Promise<void>
  close(): Promise<void>
}

/** The query side on a database of its own, without a broker: events come by hand. */
export async function testReadSide(): Promise<TestReadSide> {
  const home = await testDatabase()
  const database = openDatabase(home.url, { name: 'test' })
  const logger = createLogger({ level: 'silent', name: 'test' })
  const indexer = searchIndexerWork()
  const work = projectorWork({ streams: allStreams(userVault(database, credentialKey)) })
  return {
    database,
    app({ auth = 'off', showMails = true } = {}) {
      const read = (id: string) => readReceipt(database, id)
      const watcher = {
        closed: false,
        wouldKnow: () => true,
        current: read,
        waitFor: read,
        close: async () => {},
      }
      return queryApp({
        readSide: { database, auth, backlogOf: async () => 3 },
        receipts: { watcher, auth, secret: ticketSecret, queryUrl: 'http://query.test' },
        ...(auth === 'jwt' ? { verifier: tokenVerifier({ secret: jwtSecret }) } : {}),
        showMails,
        checks: async () => [],
        draining: () => false,
        logger,
        metrics: createMetrics({ process: false }),
      })
    },
    async project(...envelopes) {
      const deliveries = envelopes.map(deliveryOf)
      await database.transaction((tx) => work.handle(tx, deliveries, { wait: true }))
      await database.transaction((tx) => indexer.handle(tx, deliveries, { wait: true }))
    },
    async close() {
      await database.close()
      await home.drop()
    },
  }
}
