import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type CommandName, commandTopics, outcomesTopic } from '../shared/contracts/topology.ts'
import { openBroker } from '../shared/embedded/broker/broker.ts'
import type { Broker } from '../shared/messaging/port.ts'
import { PortTaken } from '../shared/runtime/serve.ts'
import { reservationBody, userBody } from '../tests/support/bodies.ts'
import { type Accepted, accepted, send } from '../tests/support/client.ts'
import { type ApiOptions, startApi, storedCommands } from '../tests/support/command-api.ts'
import { type TestDatabase, testDatabase } from '../tests/support/postgres.ts'

let home: TestDatabase
beforeAll(async () => {
  home = await testDatabase()
  const broker = await openBroker(home.url)
  for (const topic of [...commandTopics, outcomesTopic]) await broker.ensureTopic(topic, 4)
  await broker.close()
})
afterAll(() => home.drop())

/** A broker that stores what `store` lets through, and hears nothing. */
const scriptedBroker = (store: () => Promise<string>) => {
  const open = new Set<object>()
  const opened = <T extends object>(thing: T & { close(): Promise<void> }) => {
    open.add(thing)
    return thing
  }
  const broker: Broker = {
    name: 'embedded',
    ensureTopic: async () => {},
    ensureSubscription: async () => {},
    publisher() {
      const publisher = opened({ publish: store, close: async () => void open.delete(publisher) })
      return publisher
    },
    async subscribe() {
      const consumer = opened({
        receive: (_max: number, signal?: AbortSignal) =>
          new Promise<never[]>((resolve) => {
            if (signal?.aborted) resolve([])
            else signal?.addEventListener('abort', () => resolve([]))
          }),
        acknowledge: async () => {},
        negativeAcknowledge: async () => {},
        seek: async () => {},
        close: async () => void open.delete(consumer),
      })
      return consumer
    },
    stats: async (topic) => ({ topic, partitions: 1, subscriptions: [] }),
    check: async () => {},
    close: async () => {},
  }
  return { broker, open }
}

const started = (options: Partial<ApiOptions> = {}) =>
  startApi({ databaseUrl: home.url, ...options })
const stored = (name: CommandName, atLeast: number) => storedCommands(home.url, name, atLeast)

describe('the role command-api', () => {
  test('stores a command before its 202, and is ready', async () => {
    const api = await started()
    expect(await api.readyz()).toBe(200)
    const { id, command_id, status_url } = await accepted(
      `${api.url}/reservations`,
      reservationBody,
    )
    expect(status_url).toStartWith(`${api.url}/commands/${command_id}?ticket=`)
    const envelopes = await stored('CreateReservation', 1)
    expect(envelopes.find((envelope) => envelope.id === command_id)).toMatchObject({ subject: id })
    await api.end()
  })

  test('makes one command of the same keyed request at the same instant through two processes', async () => {
    const apis = await Promise.all([started(), started()])
    const answers: Accepted[][] = []
    for (let round = 0; round < 10; round++) {
      const headers = { 'idempotency-key': `"both ${round}"` }
      const body = userBody(`both${round}@example.com`)
      answers.push(
        await Promise.all(apis.map(({ url }) => accepted(`${url}/users`, body, headers))),
      )
    }
    for (const [one, other] of answers) {
      expect(other?.command_id).toBe(one!.command_id)
      expect(other?.id).toBe(one!.id)
    }
    const envelopes = await stored('RegisterUser', 20)
    expect(new Set(envelopes.map(({ id }) => id)).size).toBe(10)
    await Promise.all(apis.map(({ end }) => end()))
  })

  test('completes, in another process, a keyed request that died between its claim and its publishing', async () => {
    let reached = () => {}
    const publishing = new Promise<void>((resolve) => (reached = resolve))
    const { broker } = scriptedBroker(() => {
      reached()
      return new Promise(() => {})
    })
    const dying = await started({ broker })
    const headers = { 'idempotency-key': 'dying' }
    const hangUp = new AbortController()
    const lost = fetch(`${dying.url}/reservations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(reservationBody),
      signal: hangUp.signal,
    }).catch(() => 'hung up')
    await publishing
    hangUp.abort()
    expect(await lost).toBe('hung up')

    const other = await started()
    const [first, again] = [
      await accepted(`${other.url}/reservations`, reservationBody, headers),
      await accepted(`${other.url}/reservations`, reservationBody, headers),
    ]
    expect(again).toEqual(first)
    const found = await stored('CreateReservation', 2)
    expect(found.filter(({ id }) => id === first.command_id)).toHaveLength(2)
    await Promise.all([other.end(), dying.end()])
  }, 15_000)

  test('answers who waits when it is stopped, then is gone', async () => {
    let reached = () => {}
    const publishing = new Promise<void>((resolve) => (reached = resolve))
    const { broker, open } = scriptedBroker(async () => {
      reached()
      return 'stored'
    })
    const api = await started({ broker })
    const waiting = send(`${api.url}/reservations`, reservationBody, { prefer: 'wait=20' })
    await publishing
    await api.role.stop()
    expect((await waiting).status).toBe(202)
    expect(open.size).toBe(0)
    await expect(fetch(`${api.url}/livez`)).rejects.toThrow()
    await api.end()
  })

  test('goes on without the database for whatever needs none', async () => {
    const { broker } = scriptedBroker(async () => 'stored')
    const api = await started({ broker, databaseUrl: 'postgres://nobody@127.0.0.1:1/none' })
    expect((await send(`${api.url}/reservations`, reservationBody)).status).toBe(202)
    const keyed = await send(`${api.url}/reservations`, reservationBody, { 'idempotency-key': 'k' })
    expect(keyed.status).toBe(503)
    expect(await keyed.json()).toMatchObject({ type: 'urn:aeroalpes:problem:database-unavailable' })
    const session = await send(`${api.url}/sessions`, { email: 'a@example.com', password: 'x' })
    expect(session.status).toBe(503)
    expect(await api.readyz()).toBe(503)
    await api.end()
  }, 15_000)

  test('that finds its port taken says which setting to change, and leaves nothing open', async () => {
    const first = await started()
    const { broker, open } = scriptedBroker(async () => 'stored')
    const second = started({ broker, port: Number(new URL(first.url).port) })
    const error = await second.then(
      () => 'started',
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(PortTaken)
    expect(String(error)).toContain('COMMAND_PORT')
    expect(open.size).toBe(0)
    await first.end()
  })
})
