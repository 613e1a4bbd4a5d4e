import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import pino from 'pino'
import { commandTopics } from '../shared/contracts/topology.ts'
import type { BatchConsumer } from '../shared/delivery/batch-consumer.ts'
import { findDeadLetters } from '../shared/delivery/lane-listing.ts'
import { embeddedBroker } from '../shared/embedded/broker/embedded-broker.ts'
import { type Envelope, toMessage } from '../shared/messaging/envelope.ts'
import type { Broker } from '../shared/messaging/port.ts'
import { onOutbox } from '../shared/delivery/outbox-signal.ts'
import { ensureTopology } from '../shared/messaging/topology.ts'
import { until } from '../tests/support/until.ts'
import { accountId, bankCommand, Credit, Explode, Open } from '../tests/support/uow-bank.ts'
import { orderModel } from '../tests/support/uow-orders.ts'
import { type Bank, openBank, whileHeld } from '../tests/support/uow-harness.ts'
import { readStream } from './event-log.ts'
import { commandWorker } from './worker.ts'

let bank: Bank
let broker: Broker
let worker: BatchConsumer | undefined
const [topic = ''] = commandTopics
const credit = (n: number) => bankCommand(Credit, { id: accountId(n), amount: 1 })

beforeAll(async () => {
  bank = await openBank()
  broker = embeddedBroker({ database: bank.database })
  await ensureTopology(broker, 2)
})
afterEach(() => worker?.stop())
afterAll(async () => {
  await broker.close()
  await bank.close()
})

const start = () => {
  worker = commandWorker({
    broker,
    database: bank.database,
    model: orderModel(),
    logger: pino({ level: 'silent' }),
    patience: { retryPauseMs: 5 },
  })
}

const publish = (envelopes: readonly Envelope[]) => {
  const publisher = broker.publisher()
  return Promise.all(envelopes.map((envelope) => publisher.publish(topic, toMessage(envelope))))
}

/** How each of them ended, or what it waits for, as soon as that is known of all. */
const statuses = async (envelopes: readonly Envelope[]): Promise<readonly string[]> => {
  const ids = envelopes.map(({ id }) => id)
  const found = await until(async () => {
    const rows = await bank.database.query<{ command_id: string; status: string }>(
      `SELECT command_id, status FROM uow.receipt WHERE command_id = ANY($1::text[])
       AND (finished_at IS NOT NULL OR problem IS NOT NULL)`,
      [ids],
    )
    return rows.length === ids.length && new Map(rows.map((row) => [row.command_id, row.status]))
  })
  return ids.map((id) => (found && found.get(id)) || 'unknown')
}

test('published commands take effect once, each in the order of its key, whatever comes twice', async () => {
  const opened = [1, 2, 3].map((n) => bankCommand(Open, { id: accountId(n), balance: 0 }))
  const credits = Array.from({ length: 60 }, (_, n) => credit((n % 3) + 1))
  let woken = 0
  const silence = onOutbox(bank.database, () => (woken += 1))
  start()
  await publish([...opened, ...credits, ...credits.slice(0, 20)])
  expect(new Set(await statuses([...opened, ...credits]))).toEqual(new Set(['completed']))
  expect((await bank.accounts()).map(({ balance }) => balance)).toEqual([20, 20, 20])
  const stream = await readStream(bank.database, 'accounts', accountId(1))
  const mine = [...opened, ...credits].filter(({ subject }) => subject === accountId(1))
  expect(stream.map(({ command_id }) => command_id)).toEqual(mine.map(({ id }) => id))
  expect(woken).toBeGreaterThan(0)
  silence()
})

test('a command whose handler always throws fails, what follows it waits, and the others go on', async () => {
  const opened = [4, 5].map((n) => bankCommand(Open, { id: accountId(n), balance: 0 }))
  const bomb = bankCommand(Explode, { id: accountId(4) })
  const unknown = bankCommand({ type: 'aeroalpes.bank.Nonsense.v1' }, { id: accountId(6) })
  const sent = [...opened, bomb, unknown, credit(4), credit(5)]
  start()
  await publish(sent)
  expect(await statuses(sent)).toEqual([
    'completed',
    'completed',
    'failed',
    'failed',
    'accepted',
    'completed',
  ])
})

test('a row that a stranger holds makes its command wait, not fail, and nobody else', async () => {
  const opened = [7, 8].map((n) => bankCommand(Open, { id: accountId(n), balance: 0 }))
  start()
  await publish(opened)
  await statuses(opened)
  const [held, free] = [credit(7), credit(8)]
  await whileHeld(bank.database, [accountId(7)], async () => {
    await publish([held, free])
    expect(await statuses([free])).toEqual(['completed'])
  })
  expect(await statuses([held])).toEqual(['completed'])
})

test('commands of two versions come at once; one of a version that is newer waits for a build that knows it', async () => {
  const create = (version: number, n: number, data: object) =>
    bankCommand(
      { type: `aeroalpes.trial-orders.CreateOrder.v${version}` },
      { id: accountId(n), ...data },
    )
  const newer = create(3, 10, { total: 1, currency: 'EUR', lines: [] })
  const sent = [
    create(1, 11, { total: 1 }),
    create(2, 12, { total: 1, currency: 'EUR' }),
    newer,
    create(1, 10, { total: 1 }),
    create(1, 13, { total: 1 }),
  ]
  start()
  await publish(sent)
  expect(await statuses(sent)).toEqual([
    'completed',
    'completed',
    'failed',
    'accepted',
    'completed',
  ])
  const [letter] = await findDeadLetters(bank.database, { messageId: newer.id })
  expect(letter).toMatchObject({ slug: 'unknown-version', waiting: 1 })
  expect(JSON.parse(new TextDecoder().decode(letter?.payload))).toEqual(newer.data)
})
