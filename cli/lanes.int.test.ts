import { beforeEach, expect, test } from 'bun:test'
import { newId } from '../shared/kernel/ids.ts'
import { orderCreated, orderReserved } from '../tests/support/order-events.ts'
import { parked, receivedFrom } from '../tests/support/parked.ts'
import { exitOf, twoDatabases } from '../tests/support/two-databases.ts'
import { printLanes, retry } from './lanes.ts'

const house = twoDatabases()
const [waits, closed] = [newId(), newId()]
const [first, second] = [orderCreated(waits), orderReserved(waits)]
const dead = orderCreated(closed)
const received = (envelope: typeof dead) =>
  receivedFrom('persistent://aeroalpes/events/orders', envelope)

beforeEach(async () => {
  await parked(house.read, 'projector', [received(first), received(second)], undefined)
  await parked(house.write, 'reactor.shipping', [received(dead)], {
    slug: 'handler-failed',
    detail: 'no',
  })
})

const list = async (subscription?: string, limit = 10) => {
  house.printed()
  await printLanes(house.operation(), { subscription, limit }, 'json')
  return JSON.parse(house.printed()) as unknown[]
}
const isDue = async () =>
  (await house.read.query('SELECT FROM delivery.lane WHERE next_attempt_at <= now()')).length === 1
const waiting = { subscription: 'projector', key: waits }

test('lanes of both databases are listed, with when they run next', async () => {
  const [projector, reactor] = await list()
  expect(projector).toEqual({
    subscription: 'projector',
    key: waits,
    state: 'retrying',
    messages: 2,
    head: first.id,
    reason: null,
    next_attempt: expect.any(String),
    since: expect.any(String),
    database: 'read',
  })
  expect(reactor).toMatchObject({
    state: 'closed',
    reason: 'handler-failed',
    next_attempt: null,
    database: 'write',
  })
  expect(await list('projector')).toHaveLength(1)
  expect(await list(undefined, 1)).toHaveLength(1)
})

test('a lane that would be tried later is tried now', async () => {
  await retry(house.operation(), waiting, { dryRun: true })
  expect((await exitOf(retry(house.operation(), waiting, {}))).code).toBe(2)
  expect(await isDue()).toBe(false)
  await retry(house.operation(), waiting, { yes: true })
  expect(await isDue()).toBe(true)
})

test('one that is closed is refused, and names its dead letter; one of nobody is not found', async () => {
  const end = await exitOf(
    retry(house.operation(), { subscription: 'reactor.shipping', key: closed }, { yes: true }),
  )
  expect(end).toMatchObject({ code: 4, message: expect.stringContaining(dead.id) })
  const nobody = { subscription: 'projector', key: closed }
  expect((await exitOf(retry(house.operation(), nobody, { yes: true }))).code).toBe(3)
})

test('one that closes or ends while somebody is asked is not run', async () => {
  const closing = async () => {
    await house.read.query(`UPDATE delivery.lane SET state = 'closed'`)
    return true
  }
  expect((await exitOf(retry(house.operation(closing), waiting, {}))).code).toBe(4)
  expect(await isDue()).toBe(false)
  await house.read.query(`UPDATE delivery.lane SET state = 'retrying'`)
  const ending = async () => {
    await house.read.query('TRUNCATE delivery.lane, delivery.lane_message')
    return true
  }
  expect((await exitOf(retry(house.operation(ending), waiting, {}))).code).toBe(3)
})
