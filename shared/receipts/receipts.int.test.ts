import { afterAll, beforeAll, expect, test } from 'bun:test'
import { aReceipt, completed, scriptedBroker } from '../../tests/support/receipts.ts'
import { testDatabase, type TestDatabase } from '../../tests/support/postgres.ts'
import { type Database, openDatabase } from '../postgres/database.ts'
import { createLogger } from '../telemetry/logger.ts'
import { outcomeWatcher } from './outcomes.ts'
import { readReceipt, type StoredReceipt } from './read-receipt.ts'

let made: TestDatabase
let database: Database
beforeAll(async () => {
  made = await testDatabase(['uow'])
  database = openDatabase(made.url, { name: 'test' })
}, 60_000)
afterAll(async () => {
  await database.close()
  await made.drop()
})

const store = (receipt: StoredReceipt) =>
  database.query(
    `INSERT INTO uow.receipt VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     ON CONFLICT (command_id) DO UPDATE SET status = excluded.status`,
    [
      receipt.command_id,
      receipt.type,
      receipt.id,
      receipt.owner,
      receipt.status,
      receipt.version,
      receipt.submitted_at,
      receipt.finished_at,
      receipt.attempts,
      receipt.events,
      receipt.problem,
    ],
  )

test('a receipt is read as it was written', async () => {
  const type = 'urn:aeroalpes:problem:no-seats'
  const receipts = [
    aReceipt({ owner: 'ana', events: [{ id: 'e', type: 't' }] }),
    completed(aReceipt({ problem: { type, title: 'No seats', detail: 'none left' } })),
  ]
  for (const receipt of receipts) {
    await store(receipt)
    expect(await readReceipt(database, receipt.command_id)).toEqual(receipt)
  }
})

test('a command that no worker has seen has no receipt', async () => {
  expect(await readReceipt(database, 'nothing')).toBeUndefined()
})

test('a wait ends by the row alone when the broker never comes', async () => {
  const broker = scriptedBroker()
  broker.goAway()
  const watcher = outcomeWatcher({
    broker,
    logger: createLogger({ level: 'silent', name: 'test' }),
    read: (id) => readReceipt(database, id),
  })
  const receipt = aReceipt()
  await store(receipt)
  const waiting = watcher.waitFor(receipt.command_id, 60_000)
  await store(completed(receipt))
  expect(await waiting).toMatchObject({ status: 'completed' })
  await watcher.close()
})

test('an id that Postgres cannot hold is the id of no command', async () => {
  expect(await readReceipt(database, 'nul \0 inside')).toBeUndefined()
})
