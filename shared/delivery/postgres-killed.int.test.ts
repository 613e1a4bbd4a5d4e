import { expect, test } from 'bun:test'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  applyEffects,
  createEffects,
  effects,
  received,
  silent,
} from '../../tests/support/delivery-probe.ts'
import { idsOf } from '../../tests/support/delivery-setup.ts'
import { scriptedBroker } from '../../tests/support/scripted-broker.ts'
import { until } from '../../tests/support/until.ts'
import { startPostgres } from '../embedded/postgres/launcher.ts'
import { openDatabase } from '../postgres/database.ts'
import { migrate } from '../postgres/migrate.ts'
import { consumeBatches } from './batch-consumer.ts'
import { appendOutbox } from './outbox.ts'
import { startRelay } from './relay.ts'

test('a Postgres that is killed under load costs nothing: all takes effect once and is published', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'aero-delivery-'))
  const options = { dataDir, fsync: false, discard: true }
  const postgres = await startPostgres(options)
  await migrate(postgres.url, ['delivery'])
  const database = openDatabase(postgres.url, { name: 'test' })
  await createEffects(database)
  const broker = scriptedBroker()
  const relay = startRelay({ database, broker, logger: silent })
  const consumer = consumeBatches({
    broker,
    database,
    subscription: 'test',
    topics: ['topic'],
    logger: silent,
    batchSize: 10,
    work: {
      async handle(transaction, deliveries) {
        await applyEffects(transaction, deliveries)
        const entries = deliveries.map(({ key, id }) => ({
          topic: 't',
          message: received(key, id),
        }))
        await appendOutbox(transaction, entries)
        return { deferred: [] }
      },
      committed: relay.wake,
    },
  })
  const messages = Array.from({ length: 2000 }, (_, n) => received(`key ${n % 20}`, `m${n}`))
  broker.deliver(messages)
  await until(() => broker.acknowledged.length > 300)
  process.kill(postgres.pid, 'SIGKILL')
  await broker.acknowledgedAll(idsOf(messages))
  const names = messages.map((_, n) => `m${n}`)
  expect(idsOf(await effects(database))).toEqual(names)
  const published = () => new Set(broker.published.map(({ properties }) => properties['ce_id']))
  await until(() => published().size === 2000)
  await Promise.all([consumer.stop(), relay.stop()])
  await database.close()
  await postgres.stop()
}, 90_000)
