import { afterAll, beforeAll, expect, test } from 'bun:test'
import postgres from 'postgres'
import { type TestDatabase, testDatabase } from '../../../tests/support/postgres.ts'
import { until } from '../../../tests/support/until.ts'
import type { Consumer, ReceivedMessage } from '../../messaging/port.ts'
import { embeddedBroker } from './embedded-broker.ts'

let database: TestDatabase
let sql: postgres.Sql
beforeAll(async () => {
  database = await testDatabase()
  sql = postgres(database.url, { max: 2, onnotice: () => {} })
})
afterAll(async () => {
  await sql.end()
  await database.drop()
})

test('a consumer whose read alone broke, while its process stayed connected, goes on', async () => {
  const broker = embeddedBroker({ database })
  await broker.ensureTopic('t', 1)
  const message = { key: 'k', payload: Buffer.from('read after all'), properties: {} }
  await broker.publisher().publish('t', message)
  let consumer: Consumer | undefined
  await sql.begin(async (transaction) => {
    await transaction`LOCK TABLE broker.message`
    consumer = await broker.subscribe({ topics: ['t'], subscription: 's', type: 'Failover' })
    const ended = await until(() => endRead())
    expect(ended).toBe(1)
  })
  const received = await until(() => receive(consumer!))
  expect(received?.map(({ payload }) => Buffer.from(payload).toString())).toEqual([
    'read after all',
  ])
  await broker.close()
}, 20_000)

const endRead = async () => {
  const ended = await sql`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'aeroalpes broker'
      AND wait_event_type = 'Lock' AND query LIKE '%FROM broker.message%'`
  return ended.length
}

const receive = async (consumer: Consumer): Promise<readonly ReceivedMessage[] | undefined> => {
  const messages = await consumer
    .receive(10, AbortSignal.timeout(500))
    .catch((error: Error & { slug?: string }) => {
      if (error.slug !== 'broker-unavailable') throw error
      return []
    })
  return messages.length > 0 ? messages : undefined
}
