import { afterAll, beforeAll, expect, test } from 'bun:test'
import { pino } from 'pino'
import { CommandFinished } from '../shared/contracts/receipts.ts'
import { newId } from '../shared/kernel/ids.ts'
import { readReceipt } from '../shared/receipts/read-receipt.ts'
import { accountId, bankCommand, bankModel, Credit, Open } from '../tests/support/uow-bank.ts'
import { type Bank, openBank } from '../tests/support/uow-harness.ts'
import { commandWork } from './command-work.ts'
import { purgeReceipts, receiptOf, saveReceipts } from './receipts.ts'
import { unitOfWork } from './unit-of-work.ts'
import type { ParkingState } from '../shared/delivery/work.ts'

let bank: Bank
const now = new Date('2030-06-30T12:00:00.000Z')
const id = accountId(1)

beforeAll(async () => {
  bank = await openBank()
})
afterAll(() => bank.close())

const lines: object[] = []
const logger = pino({ level: 'debug' }, { write: (line) => lines.push(JSON.parse(line)) })

const work = () =>
  commandWork({ unitOfWork: unitOfWork(bankModel), logger, clock: () => now, committed: () => {} })

const deliveryOf = (envelope = bankCommand(Open, { id, balance: 1 }, { owner: 'ada' })) => ({
  id: envelope.id,
  key: envelope.subject,
  envelope,
  message: {
    id: '1',
    topic: 't',
    partition: 0,
    key: envelope.subject,
    payload: new Uint8Array(),
    properties: {},
    publishTime: now,
    redeliveryCount: 0,
  },
  attempts: 3,
})

const park = async (delivery: ReturnType<typeof deliveryOf>, state: ParkingState) => {
  const parking = { state, slug: 'handler-failed', detail: 'secret detail', attempts: 3 }
  await bank.database.transaction(async (transaction) =>
    work().parked?.(transaction, delivery, parking),
  )
  return readReceipt(bank.database, delivery.id)
}

const outcomes = async (commandId: string) =>
  (
    await bank.database.query<{ payload: Uint8Array }>(
      'SELECT payload FROM delivery.outbox WHERE key = $1 ORDER BY id',
      [commandId],
    )
  ).map(
    ({ payload }) =>
      CommandFinished.schema.parse(JSON.parse(new TextDecoder().decode(payload))).status,
  )

test('who asks for details finds each command in the log, with the id that others carry on', async () => {
  const envelope = bankCommand(Open, { id: accountId(9), balance: 1 })
  const delivery = deliveryOf({ ...envelope, correlationId: 'the flow' })
  await bank.database.transaction((transaction) =>
    work().handle(transaction, [delivery], { wait: true }),
  )
  expect(lines.at(-1)).toMatchObject({
    command_id: envelope.id,
    correlation_id: 'the flow',
    status: 'completed',
  })
})

test('a command that waits behind another stays accepted and says so', async () => {
  const delivery = deliveryOf()
  expect(await park(delivery, 'waiting-behind')).toMatchObject({
    status: 'accepted',
    finished_at: null,
    owner: 'ada',
    problem: { type: 'urn:aeroalpes:problem:waiting-behind' },
  })
  expect(await outcomes(delivery.id)).toEqual([])
})

test('a command that is given up has failed, says where it waits, and everybody is told', async () => {
  const delivery = deliveryOf()
  const receipt = await park(delivery, 'failed')
  expect(receipt).toMatchObject({ status: 'failed', attempts: 3, finished_at: now.toISOString() })
  expect(receipt?.problem?.detail).toContain('persistent://aeroalpes/dead-letters/command-worker')
  expect(receipt?.problem?.detail).not.toContain('secret')
  expect(await outcomes(delivery.id)).toEqual(['failed'])
})

test('a failed command that is redriven ends completed', async () => {
  const delivery = deliveryOf()
  await park(delivery, 'failed')
  await bank.database.transaction((transaction) =>
    work().handle(transaction, [delivery], { wait: true }),
  )
  expect(await readReceipt(bank.database, delivery.id)).toMatchObject({
    status: 'completed',
    version: 1,
    attempts: 3,
    problem: null,
  })
  expect(await outcomes(delivery.id)).toEqual(['failed', 'completed'])
})

test('of a command that an event has made this system send, only a bad end is told', async () => {
  const ours = { causationId: newId(), source: '/aeroalpes/sagas/trial' }
  const done = bankCommand(Open, { id: accountId(8), balance: 1 }, ours)
  const [receipt] = await bank.settle([done])
  expect(receipt?.status).toBe('completed')
  expect(await outcomes(done.id)).toEqual([])
  const charged = { causationId: newId(), source: 'urn:aeroalpes:payment-gateway' }
  const too = bankCommand(Open, { id: accountId(18), balance: 1 }, charged)
  await bank.settle([too])
  expect(await outcomes(too.id)).toEqual([])
  const envelope = bankCommand(Credit, { id, amount: 1 }, ours)
  expect(await park(deliveryOf(envelope), 'failed')).toMatchObject({ status: 'failed' })
  expect(await outcomes(envelope.id)).toEqual(['failed'])
})

test('somebody else who names a cause hears of every end', async () => {
  const theirs = bankCommand(Open, { id: accountId(19), balance: 1 }, { causationId: newId() })
  await bank.settle([theirs])
  expect(await outcomes(theirs.id)).toEqual(['completed'])
})

test('a command without a readable time or with odd characters gets its receipt all the same', async () => {
  const odd = bankCommand(Credit, { id, amount: 1 }, { owner: 'a\0b\ud800', time: 'yesterday' })
  const [receipt] = await bank.settle([odd])
  expect((await readReceipt(bank.database, odd.id))?.owner).toBe('a\uFFFDb\uFFFD')
  expect(receipt?.status).toBe('completed')
})

test('receipts are deleted after thirty days, a few at a time, but not those of waiting commands', async () => {
  await bank.database.query('TRUNCATE uow.receipt')
  const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString()
  const saved = (days: number, status: 'completed' | 'accepted') =>
    receiptOf(bankCommand(Open, { id }, { id: newId(), time: daysAgo(days) }), {
      status,
      version: null,
      finished_at: null,
      attempts: 1,
      events: [],
      problem: null,
    })
  const [old, older, young, waiting] = [
    saved(30.1, 'completed'),
    saved(40, 'completed'),
    saved(29.9, 'completed'),
    saved(40, 'accepted'),
  ] as const
  await bank.database.transaction((transaction) =>
    saveReceipts(transaction, [old, older, young, waiting]),
  )
  const left = async () =>
    (await bank.database.query<{ command_id: string }>('SELECT command_id FROM uow.receipt'))
      .map(({ command_id }) => command_id)
      .toSorted()
  expect(await purgeReceipts(bank.database, now, 1)).toBe(true)
  expect(await left()).toEqual([old, young, waiting].map((kept) => kept.command_id).toSorted())
  expect(await purgeReceipts(bank.database, now)).toBe(false)
  expect(await left()).toEqual([young, waiting].map((kept) => kept.command_id).toSorted())
})
