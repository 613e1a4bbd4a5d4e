import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import {
  accountId,
  bankCommand,
  bankModel,
  Credit,
  CreditBook,
  Explode,
  KeepBook,
  Note,
  Open,
  Peek,
  Transfer,
} from '../tests/support/uow-bank.ts'
import { accounts } from '../tests/support/uow-bank-rows.ts'
import { type Bank, ends, failureOf, openBank } from '../tests/support/uow-harness.ts'
import { readStream } from './event-log.ts'
import { unitOfWork } from './unit-of-work.ts'

let bank: Bank
const [a, b, c] = [accountId(1), accountId(2), accountId(3)] as const
const open = (id: string, balance = 100) => bankCommand(Open, { id, balance })
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

beforeAll(async () => {
  bank = await openBank()
})
const clear = () =>
  bank.database.query(
    `TRUNCATE bank.account, bank.book, bank.ledger, uow.event, uow.receipt, uow.claim, delivery.outbox`,
  )
beforeEach(clear)
afterAll(() => bank.close())

const outbox = () =>
  bank.database.query<{ topic: string; key: string; properties: Record<string, string> }>(
    'SELECT topic, key, properties FROM delivery.outbox ORDER BY id',
  )

test('one command changes aggregates of several types, and all of their events are published', async () => {
  await bank.settle([open(a), open(b)])
  await bank.database.query('TRUNCATE delivery.outbox')
  const command = bankCommand(Transfer, { from: a, to: b, amount: 30 }, { correlationId: 'trip' })

  const [receipt] = await bank.settle([command])

  expect(await bank.accounts()).toEqual([
    { id: a, version: 2, balance: 70 },
    { id: b, version: 2, balance: 130 },
  ])
  expect([...(await bank.database.query('SELECT * FROM bank.ledger'))]).toEqual([
    { id: 'main', version: 1, moved: 30 },
  ])
  const published = await outbox()
  expect(published.map(({ key, properties }) => [key, properties['ce_type']])).toEqual([
    [a, 'aeroalpes.bank.Debited.v1'],
    [b, 'aeroalpes.bank.Credited.v1'],
    ['main', 'aeroalpes.bank.MovementBooked.v1'],
    [command.id, 'aeroalpes.outcomes.CommandFinished.v1'],
  ])
  for (const { properties } of published)
    expect(properties).toMatchObject({ ce_correlationid: 'trip', ce_causationid: command.id })
  expect(published[0]?.properties['ce_sequence']).toBe('2')
  expect(receipt?.events.map(({ id }) => id)).toEqual(
    published.slice(0, 3).map(({ properties }) => properties['ce_id'] ?? ''),
  )
})

test('an event names the event that its command answers, in the log and to others', async () => {
  await bank.settle([open(a)])
  await bank.database.query('TRUNCATE delivery.outbox')
  await bank.settle([bankCommand(Credit, { id: a, amount: 1 }, { causationId: 'an event' })])

  const [published] = await outbox()
  expect(published?.properties).toMatchObject({ ce_causationid: 'an event' })
  const logged = await readStream(bank.database, 'accounts', a)
  expect(logged.at(-1)?.causation_id).toBe('an event')
})

test('every reaction to an event runs, in the order of the table', async () => {
  await bank.settle([open(a), open(b), bankCommand(Transfer, { from: a, to: b, amount: 5 })])
  const [row] = await bank.database.query<{ note: string; version: number }>(
    'SELECT note, version FROM bank.account WHERE id = $1',
    [a],
  )
  expect(row).toEqual({ note: 'last paid 5', version: 2 })
})

test('an event that stays inside changes the row, but is neither numbered, logged nor published', async () => {
  const note = bankCommand(Note, { id: a, note: 'hello' })
  const [, receipt] = await bank.settle([open(a), note])
  expect(receipt).toMatchObject({ status: 'completed', version: 1, events: [] })
  expect(await readStream(bank.database, 'accounts', a)).toHaveLength(1)
  const [row] = await bank.database.query('SELECT note, version FROM bank.account')
  expect(row).toEqual({ note: 'hello', version: 1 })
})

test('later commands of a batch see what earlier ones have done', async () => {
  const results = await bank.settle([
    open(a, 10),
    open(b, 0),
    bankCommand(Transfer, { from: b, to: a, amount: 1 }),
    bankCommand(Transfer, { from: a, to: b, amount: 10 }),
    bankCommand(Transfer, { from: a, to: b, amount: 1 }),
    bankCommand(Transfer, { from: b, to: a, amount: 7 }),
  ])
  expect(ends(results)).toEqual(['ok', 'ok', 'insufficient', 'ok', 'insufficient', 'ok'])
  expect((await bank.accounts()).map(({ balance }) => balance)).toEqual([7, 3])
})

test('a rejection leaves its neighbours alone and tells the current version', async () => {
  await bank.settle([open(a, 10), open(b, 10)])
  const refused = bankCommand(Transfer, { from: a, to: b, amount: 11 })
  const results = await bank.settle([bankCommand(Credit, { id: b, amount: 1 }), refused])
  expect(ends(results)).toEqual(['ok', 'insufficient'])
  expect(results[1]).toMatchObject({ status: 'rejected', version: 1, events: [] })
  const [row] = await bank.database.query('SELECT status FROM uow.receipt WHERE command_id = $1', [
    refused.id,
  ])
  expect(row).toEqual({ status: 'rejected' })
})

test('If-Match lets a command pass at its version only', async () => {
  await bank.settle([open(a)])
  const credit = () => bankCommand(Credit, { id: a, amount: 1 }, { expectedVersion: 1 })
  const results = await bank.settle([
    credit(),
    credit(),
    bankCommand(Credit, { id: c, amount: 1 }, { expectedVersion: 1 }),
  ])
  expect(ends(results)).toEqual(['ok', 'version-mismatch', 'not-found'])
  expect(results[1]?.version).toBe(2)
})

test('a thing that a handler says is not there shows no version, not to an If-Match either', async () => {
  await bank.settle([open(a, 10)])
  const denied = { from: a, to: c, amount: 1 }
  const results = await bank.settle([
    bankCommand(Transfer, denied),
    bankCommand(Transfer, denied, { expectedVersion: 9 }),
  ])
  expect(ends(results)).toEqual(['not-found', 'not-found'])
  expect(results.map(({ version }) => version)).toEqual([null, null])
})

test('the events of each aggregate are numbered from one without a gap', async () => {
  const credits = numbers(50).map((n) =>
    bankCommand(Credit, { id: accountId((n % 2) + 1), amount: n }),
  )
  await bank.settle([open(a), open(b), ...credits])
  for (const id of [a, b]) {
    const stream = await readStream(bank.database, 'accounts', id)
    expect(stream.map(({ version }) => version)).toEqual(numbers(26))
  }
})

test('a second run of the same commands makes events of the same ids', async () => {
  const commands = [open(a), bankCommand(Credit, { id: a, amount: 1 })]
  const ids = async () => {
    const [first, second] = await bank.settle(commands)
    await bank.database.query('TRUNCATE bank.account, uow.event')
    return [...(first?.events ?? []), ...(second?.events ?? [])]
  }
  expect(await ids()).toEqual(await ids())
})

test('an id in upper case names the same row', async () => {
  const id = 'abcdefab-0000-7000-8000-000000000001'
  const upper = () => bankCommand(Credit, { id: id.toUpperCase(), amount: 1 })
  expect(ends(await bank.settle([open(id), upper()]))).toEqual(['ok', 'ok'])
  expect(ends(await bank.settle([upper()]))).toEqual(['ok'])
})

test('locks that follow from other rows are taken too, and read the newest state of those', async () => {
  const book = accountId(9)
  const keep = (ids: string[]) => bankCommand(KeepBook, { id: book, accounts: ids })
  const credit = () => bankCommand(CreditBook, { id: book, amount: 1 })
  await bank.settle([open(a, 0), open(b, 0), open(c, 0), keep([a])])
  const results = await bank.settle([credit(), keep([b, c]), credit(), keep([a]), credit()])
  expect(ends(results)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok'])
  expect((await bank.accounts()).map(({ balance }) => balance)).toEqual([2, 1, 1])
})

test('a message of an unknown type, and one whose handler throws, are named', async () => {
  const unknown = bankCommand({ type: 'aeroalpes.bank.Nonsense.v1' }, { id: a })
  const unknownFailure = await failureOf(() => bank.run([open(a), unknown, open(b)]))
  expect(unknownFailure).toMatchObject({ slug: 'unknown-type', blamed: unknown.id })
  const bomb = bankCommand(Explode, { id: a })
  expect((await failureOf(() => bank.run([open(b), bomb]))).blamed).toBe(bomb.id)
  expect(await bank.accounts()).toEqual([])
})

test('a row that is only locked to be read cannot be changed', async () => {
  const peek = bankCommand(Peek, { id: a, into: b })
  expect(ends(await bank.settle([open(a, 3), open(b, 4), peek]))).toEqual(['ok', 'ok', 'ok'])
  const model = {
    ...bankModel,
    reactions: {
      Credited: [
        () => [{ aggregate: accounts, id: a, event: { type: 'Credited', data: { amount: 1 } } }],
      ],
    },
  }
  const unit = unitOfWork(model)
  const failure = await failureOf(() =>
    bank.database.transaction((transaction) =>
      unit.execute(transaction, [{ envelope: peek, key: b, attempts: 1 }], {
        wait: true,
        now: new Date(),
      }),
    ),
  )
  expect(failure.slug).toBe('row-not-writable')
})

test('within a savepoint, a failure leaves the transaction of the caller usable', async () => {
  const unit = unitOfWork(bankModel)
  const failed = await bank.database.transaction(async (transaction) => {
    await transaction.query(`INSERT INTO bank.ledger VALUES ('mine', 1, 1)`)
    // Too large for the column: Postgres itself refuses it.
    const run = { envelope: open(a, 2 ** 31), key: a, attempts: 1 }
    const options = { wait: false, now: new Date(), savepoint: true }
    return failureOf(() => unit.execute(transaction, [run], options))
  })
  expect(failed.error).toBeInstanceOf(Error)
  expect(await bank.database.query('SELECT FROM bank.ledger')).toHaveLength(1)
})
