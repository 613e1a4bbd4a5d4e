import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { events, eventTopics } from '../shared/contracts/topology.ts'
import { newId } from '../shared/kernel/ids.ts'
import { type Envelope, toMessage } from '../shared/messaging/envelope.ts'
import type { Broker } from '../shared/messaging/port.ts'
import { type Database, openDatabase } from '../shared/postgres/database.ts'
import { pulsarAdmin } from '../shared/pulsar/admin/admin.ts'
import { readSettings } from '../shared/runtime/settings.ts'
import { brokerAt } from '../tests/support/hold-topic.ts'
import { afterPulsar, beforePulsar, needsPulsar } from '../tests/support/needs-pulsar.ts'
import { deleteTenant, ownTenant } from '../tests/support/own-tenant.ts'
import { type TestDatabase, testDatabase } from '../tests/support/postgres.ts'
import { testPulsar } from '../tests/support/pulsar.ts'
import {
  created,
  credentialKey,
  keepKey,
  person,
  registered,
} from '../tests/support/recorded-events.ts'
import { rebuildProjectionsFromTopics } from './projections-from-topics.ts'

let home: TestDatabase
let database: Database
let printed: string[]
let told: string[]
const ana = person('ana@example.com')
beforeAll(async () => {
  home = await testDatabase()
  database = openDatabase(home.url, { name: 'test', max: 4 })
  await keepKey(database, ana)
}, 60_000)
afterAll(async () => {
  await database.close()
  await home.drop()
}, 60_000)
beforeEach(() => {
  printed = []
  told = []
})

const publish = async (broker: Broker, name: keyof typeof events, ...all: readonly Envelope[]) => {
  const publisher = broker.publisher()
  const { topic } = events[name]
  await Promise.all(all.map((envelope) => publisher.publish(topic, toMessage(envelope))))
}

const rebuild = (
  name: string,
  options: { since?: string; dryRun?: boolean; yes?: boolean } = { yes: true },
  environment: Readonly<Record<string, string>> = { DATABASE_URL: home.url },
) =>
  rebuildProjectionsFromTopics(
    {
      settings: readSettings({ CREDENTIAL_KEY: credentialKey, ...environment }).settings,
      home: '/nowhere',
      print: (text: string) => printed.push(text),
      progress: (line: string) => told.push(line),
      ask: undefined,
    },
    name,
    { ...options, output: 'json' },
  )
const failure = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    ({ code, message }: { code?: number; message: string }) => `${code} ${message}`,
  )
const shown = () => JSON.parse(printed.join('')) as readonly Record<string, unknown>[]
const count = async (table: string) => (await database.query(`SELECT FROM read.${table}`)).length

test('views are made anew from their topics, users with what their keys open', async () => {
  const broker = brokerAt({ database: home.url })
  for (const topic of eventTopics) await broker.ensureTopic(topic, 2)
  await publish(broker, 'ReservationCreated', created(newId()), created(newId()))
  await publish(broker, 'UserRegistered', registered(ana))
  await broker.close()

  expect(await failure(rebuild('reservations', {}))).toStartWith(
    '2 rebuild reservations from the topics',
  )
  await rebuild('reservations', { dryRun: true })
  expect(shown()).toEqual([
    {
      projection: 'reservations',
      tables: 'reservations',
      topics: 'persistent://aeroalpes/events/reservations',
    },
  ])
  expect(await count('reservations')).toBe(0)
  printed = []
  await rebuild('all', { yes: true, since: '1h' })
  expect(new Map(shown().map((row) => [row['projection'], row['events']]))).toMatchObject(
    new Map([
      ['reservations', 2],
      ['users', 1],
      ['flights', 0],
    ]),
  )
  expect(told).toContain('flights: the topics have no events of it: it stays as it is')
  expect(await count('reservations')).toBe(2)
  expect(await database.query('SELECT email FROM read.users')).toEqual([{ email: ana.email }])
})

test('a time that has not come, is no time, or is longer ago than topics keep is refused', async () => {
  const since = (text: string) => failure(rebuild('flights', { yes: true, since: text }))
  expect(await since('yesterday')).toBe(
    '2 yesterday is not a time such as 2026-06-28T16:53:08Z, or one ago such as 10m',
  )
  expect(await since('2026-13-01T00:00:00Z')).toStartWith('2 2026-13-01T00:00:00Z is not a time')
  expect(await since('999999999999y')).toStartWith('2 999999999999y is not a time')
  expect(await since('2999-01-01T00:00:00Z')).toBe('2 2999-01-01T00:00:00Z has not come yet')
  expect(await since('8d')).toStartWith('4 topics keep events for 7 days')
  expect(await since('6d')).toBe('none')
  expect(await failure(rebuild('nothing'))).toStartWith('3 there is no projection nothing')
})

needsPulsar('a read side with a Pulsar of its own', () => {
  const tenant = ownTenant()
  let environment: Readonly<Record<string, string>>
  let broker: Broker
  beforePulsar(async () => {
    const { url, adminUrl } = await testPulsar()
    environment = {
      READ_DATABASE_URL: home.url,
      PULSAR_URL: url,
      PULSAR_ADMIN_URL: adminUrl,
      PULSAR_TENANT: tenant,
    }
    broker = brokerAt({ pulsar: url, adminUrl, tenant })
    for (const topic of [events.ReservationCreated.topic, events.UserRegistered.topic])
      await broker.ensureTopic(topic, 2)
  })
  afterPulsar(async () => {
    await broker.close()
    await deleteTenant(pulsarAdmin({ url: environment['PULSAR_ADMIN_URL'] ?? '' }), tenant)
  })

  test('needs no write side, but for the keys of users', async () => {
    await publish(broker, 'ReservationCreated', created(newId()))
    await publish(broker, 'UserRegistered', registered(person()))
    const before = await count('reservations')
    await rebuild('reservations', { yes: true }, environment)
    expect(shown()).toMatchObject([{ events: 1, behind: 1, kept: before }])
    expect(await count('reservations')).toBe(before + 1)
    const users = (more: object) =>
      failure(rebuild('users', { yes: true }, { ...environment, ...more }))
    expect(await users({})).toBe(
      '1 the keys of users are in the database of DATABASE_URL (it is not set)',
    )
    const nobody = 'postgres://127.0.0.1:1/nobody'
    expect(await users({ DATABASE_URL: nobody })).toMatch(/^1 the keys of users.*ECONNREFUSED/)
    expect(await users({ DATABASE_URL: home.url })).toBe('none')
  }, 30_000)

  test('says so when Pulsar is not there, or lacks the topics', async () => {
    const elsewhere = (more: object) =>
      failure(rebuild('flights', { yes: true }, { ...environment, ...more }))
    expect(await elsewhere({ PULSAR_URL: 'pulsar://127.0.0.1:1' })).toMatch(
      /^1 cannot reach Pulsar .*PULSAR_URL says where it is$/,
    )
    expect(await elsewhere({ PULSAR_TENANT: 'nobody' })).toContain('./aero topology apply')
  }, 30_000)
})
