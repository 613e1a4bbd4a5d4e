import { beforeEach, expect, test } from 'bun:test'
import { newId } from '../shared/kernel/ids.ts'
import { orderCreated, orderReserved } from '../tests/support/order-events.ts'
import { parked, receivedFrom } from '../tests/support/parked.ts'
import { exitOf, twoDatabases } from '../tests/support/two-databases.ts'
import { commandOf } from '../tests/support/write-side.ts'
import type { Ask } from './confirm.ts'
import { discard, redrive } from './dead-letter-changes.ts'
import { edit } from './dead-letter-edit.ts'
import { printDeadLetter, printDeadLetters } from './dead-letters.ts'

const house = twoDatabases()
const yes = { yes: true }
const order = newId()
const created = orderCreated(order)
const newer = { ...created, type: created.type.replace(/\d+$/, '9') }
const reserved = orderReserved(order)
const today = { attribute: [`ce_type=${created.type}`] }
const cancel = commandOf('CancelOrder', order, { order_id: order, reason: 'no' })
const command = receivedFrom('persistent://aeroalpes/commands/orders', cancel)
const fromEvents = (envelope: typeof created) =>
  receivedFrom('persistent://aeroalpes/events/orders', envelope)
const failed = { slug: 'handler-failed', detail: 'no seats in this plane' }
const unknown = { slug: 'unknown-version', detail: 'newer than is known here' }

// The projector's lanes are in the read database, the worker's and the process manager's in the other.
beforeEach(async () => {
  await parked(house.read, 'projector', [fromEvents(newer), fromEvents(reserved)], unknown)
  await parked(house.write, 'command-worker', [command], failed)
})

const list = async (filter: { readonly subscription?: string; readonly limit?: number } = {}) => {
  house.printed()
  await printDeadLetters(house.operation(), { limit: 10, ...filter }, 'json')
  return JSON.parse(house.printed()) as { id: string }[]
}
const show = async (id: string, personal = false) => {
  house.printed()
  await printDeadLetter(house.operation(), { id }, { output: 'json', personal })
  return JSON.parse(house.printed()) as { data: Record<string, unknown>; readable: string }[]
}
const at = (id: string, subscription?: string) => ({ id, subscription })
const lane = async () =>
  (await house.read.query<{ state: string }>('SELECT state FROM delivery.lane'))[0]?.state

test('the dead letters of both databases are listed, the oldest first, or those of a subscription', async () => {
  await parked(house.read, 'notifier', [fromEvents(reserved)], undefined)
  expect(await list()).toMatchObject([
    {
      subscription: 'projector',
      key: order,
      id: newer.id,
      type: newer.type,
      attempts: 3,
      reason: 'unknown-version',
      waiting: 1,
      database: 'read',
    },
    { subscription: 'command-worker', id: cancel.id, waiting: 0, database: 'write' },
  ] as never)
  expect(await list({ subscription: 'command-worker' })).toHaveLength(1)
  expect(await list({ limit: 1 })).toMatchObject([{ id: newer.id }])
  // A lane that is only tried again.
  expect(await list({ subscription: 'notifier' })).toEqual([])
})

test('one is shown with its error, where it came from, and why it cannot be read', async () => {
  expect(await show(newer.id)).toMatchObject([
    {
      error: unknown.detail,
      readable: expect.stringContaining('let it run again after the update'),
      correlation_id: newer.correlationId,
      topic: 'persistent://aeroalpes/events/orders',
      attributes: { ce_type: newer.type, ce_sequence: '1' },
      redrives: 0,
    } as never,
  ])
  expect(await show(cancel.id)).toMatchObject([{ readable: 'yes', data: { reason: 'no' } }])
})

test('names and addresses are shown to those who ask for them', async () => {
  const address = { recipient: 'Luz Mora', street: 'Calle 1', city: 'Bogotá', country: 'CO' }
  const data = { ...(newer.data as object), shipping_address: { ...address, postal_code: null } }
  const other = { ...newer, id: newId(), subject: newId(), data }
  await parked(house.read, 'projector', [fromEvents(other)], unknown)
  const [hidden, clear] = [await show(other.id), await show(other.id, true)]
  expect(JSON.stringify(hidden)).not.toMatch(/Luz|Calle|Bogotá/)
  expect(hidden[0]?.data).toMatchObject({ shipping_address: { city: '(hidden)', country: 'CO' } })
  expect(clear[0]?.data).toEqual(data)
})

test('an id of nothing is not found, one that only waits is refused', async () => {
  const changes = [
    (id: string) => redrive(house.operation(), at(id), yes),
    (id: string) => discard(house.operation(), at(id), yes),
    (id: string) => edit(house.operation(), at(id), { ...yes, ...today }),
    (id: string) => show(id),
  ]
  for (const change of changes) {
    expect(await exitOf(change('nonsense'))).toEqual({
      code: 3,
      message: 'there is no dead letter nonsense',
    })
    const waits = await exitOf(change(reserved.id))
    expect(waits).toMatchObject({ code: 4, message: expect.stringContaining('lane of projector') })
  }
})

test('one that several subscriptions have given up is changed for the one that is named', async () => {
  await parked(house.write, 'process-manager', [fromEvents(newer)], unknown)
  const several = await exitOf(discard(house.operation(), at(newer.id), yes))
  expect(several.code).toBe(2)
  expect(several.message).toContain('process-manager, projector')
  expect(await show(newer.id)).toHaveLength(2)
  await discard(house.operation(), at(newer.id, 'process-manager'), yes)
  expect(await show(newer.id)).toMatchObject([{ subscription: 'projector' } as never])
})

test('one that cannot be read here is redriven by force alone', async () => {
  const inVain = await exitOf(redrive(house.operation(), at(newer.id), yes))
  expect(inVain).toMatchObject({ code: 4, message: expect.stringContaining('edit it first') })
  expect(await lane()).toBe('closed')
  await redrive(house.operation(), at(newer.id), { ...yes, force: true })
  expect(await lane()).toBe('retrying')
})

test('one that may have taken effect before is redriven by force alone', async () => {
  const id = newId()
  const old = fromEvents({ ...created, id, subject: newId() })
  await parked(house.read, 'projector', [old], { slug: 'message-expired', detail: 'sent long ago' })
  expect((await exitOf(redrive(house.operation(), at(id), yes))).code).toBe(4)
  await redrive(house.operation(), at(id), { ...yes, force: true })
})

test('a dead letter is redriven once, however often it is asked for', async () => {
  await redrive(house.operation(), at(cancel.id), yes)
  expect((await exitOf(redrive(house.operation(), at(cancel.id), yes))).code).toBe(4)
  const [{ epoch } = { epoch: 0 }] = await house.write.query<{ epoch: number }>(
    'SELECT epoch FROM delivery.inbox',
  )
  expect(epoch).toBe(1)
})

test('somebody who was quicker is not undone', async () => {
  const redriving = (ask?: Ask) => redrive(house.operation(ask), at(cancel.id), { yes: !ask })
  const discarding = (ask?: Ask) => discard(house.operation(ask), at(cancel.id), { yes: !ask })
  const editing = (nth: number) => (ask?: Ask) => {
    const data = JSON.stringify({ order_id: order, reason: `reason ${nth}` })
    return edit(house.operation(ask), at(cancel.id), { yes: !ask, data })
  }
  const retyping = () => {
    const options = { yes: true, attribute: ['ce_owner=somebody'] }
    return edit(house.operation(), at(cancel.id), options)
  }
  const pairs = [
    [editing(42), editing(43)],
    [retyping, editing(42)],
    [redriving, editing(42)],
    [redriving, redriving],
    [redriving, discarding],
    [discarding, redriving],
    [discarding, discarding],
  ] as const
  for (const [quicker, slower] of pairs) {
    await house.write.query('TRUNCATE delivery.lane, delivery.lane_message, delivery.inbox')
    await parked(house.write, 'command-worker', [command], failed)
    const end = await exitOf(slower(() => quicker().then(() => true)))
    expect(end).toMatchObject({ code: 4, message: expect.stringContaining('somebody else') })
  }
})

test('one that is discarded leaves its place to those behind it, with what that means', async () => {
  await discard(house.operation(), at(newer.id), { ...yes, reason: 'sent by mistake' })
  expect(house.printed()).toContain('./aero projections rebuild')
  expect(await lane()).toBe('retrying')
  expect(await house.read.query('SELECT message_id FROM delivery.lane_message')).toEqual([
    { message_id: reserved.id },
  ])
  const [copy] = await house.read.query<{ properties: object }>(
    'SELECT properties FROM delivery.outbox',
  )
  expect(copy?.properties).toMatchObject({ ce_id: newer.id, ce_discarded: 'sent by mistake' })
  expect((await exitOf(discard(house.operation(), at(newer.id), yes))).code).toBe(3)
})

test('nothing is changed on trial, by a no, or where nobody can be asked', async () => {
  const before = await list()
  for (const change of [redrive, discard]) {
    await change(house.operation(), at(cancel.id), { dryRun: true })
    expect(house.printed()).toContain(`CancelOrder.v1 ${cancel.id} of ${order} at command-worker`)
    const no = house.operation(async () => false)
    expect((await exitOf(change(no, at(cancel.id), {}))).code).toBe(1)
    expect((await exitOf(change(house.operation(), at(cancel.id), {}))).code).toBe(2)
  }
  expect(await list()).toEqual(before)
})
