import { expect, test } from 'bun:test'
import type { AggregateRow } from './aggregate.ts'
import type { Transaction } from '../shared/postgres/database.ts'
import { accountId, bankCommand, bankModel, Open } from '../tests/support/uow-bank.ts'
import { accounts, books, ledgers } from '../tests/support/uow-bank-rows.ts'
import { failureOf } from '../tests/support/uow-harness.ts'
import type { CommandHandler, Happened, WriteModel } from './handler.ts'
import { happened, lock } from './handler.ts'
import { unitOfWork } from './unit-of-work.ts'

/** A database in which there is nothing, and where everything can be written. */
const emptyDatabase: Transaction = {
  async query<Row extends object>(text: string, parameters: readonly unknown[] = []) {
    const saved = text.includes('WITH r AS') ? String(parameters[0]).matchAll(/"([^"]+)"/g) : []
    return [...saved].map(([, id]) => ({ id })) as unknown as Row[]
  },
  savepoint: (work) => work(emptyDatabase),
}

const id = accountId(1)
const opened = happened(accounts, id, { type: 'Opened', data: { balance: 1 } })

const modelOf = (handler: Partial<CommandHandler>, more: Partial<WriteModel> = {}): WriteModel => ({
  ...bankModel,
  ...more,
  handlers: {
    [Open.type]: {
      handler: { contract: Open, locks: () => [lock(accounts, id)], decide: () => [], ...handler },
      mapper: (data) => data,
    },
  },
})

const slugOf = async (model: WriteModel) => {
  const run = { envelope: bankCommand(Open, { id }), key: id, attempts: 1 }
  const failure = await failureOf(() =>
    unitOfWork(model).execute(emptyDatabase, [run], { wait: true, now: new Date() }),
  )
  expect(failure.blamed).toBe(run.envelope.id)
  return failure.slug
}

test('a handler that reads a row it has not declared is told so', async () => {
  const decide: CommandHandler['decide'] = (_command, rows) => {
    rows.get(books, id)
    return []
  }
  expect(await slugOf(modelOf({ decide }))).toBe('row-not-locked')
})

test('an event on a row that was not declared is refused', async () => {
  const elsewhere = happened(accounts, accountId(2), { type: 'Opened', data: { balance: 1 } })
  expect(await slugOf(modelOf({ decide: () => [elsewhere] }))).toBe('row-not-locked')
})

test('an event on a row that is locked to be read is refused', async () => {
  const locks = () => [lock(accounts, id, 'share')]
  expect(await slugOf(modelOf({ locks, decide: () => [opened] }))).toBe('row-not-writable')
})

test('a second stage that goes back in rank is refused, at the same rank too', async () => {
  for (const aggregate of [books, accounts]) {
    const alsoLocks = () => [{ aggregate, id: accountId(2), mode: 'pessimistic' as const }]
    expect(await slugOf(modelOf({ alsoLocks }))).toBe('lock-out-of-order')
  }
})

test('a handler that asks for a key it has not claimed is told so', async () => {
  const decide: CommandHandler['decide'] = (_command, _rows, { granted }) => {
    granted('bank.name')
    return []
  }
  expect(await slugOf(modelOf({ decide }))).toBe('not-claimed')
})

test('an event without an entry in the mapper table is refused', async () => {
  expect(await slugOf(modelOf({ decide: () => [opened] }, { integration: {} }))).toBe(
    'event-without-mapper',
  )
})

test('reactions that lead to themselves are stopped soon, whether they go deep or wide', async () => {
  let calls = 0
  const again = (times: number) => () => {
    calls += 1
    return Array.from({ length: times }, (): Happened => opened)
  }
  for (const times of [1, 40]) {
    calls = 0
    const model = modelOf({ decide: () => [opened] }, { reactions: { Opened: [again(times)] } })
    expect(await slugOf(model)).toBe('runaway-reactions')
    expect(calls).toBeLessThan(40)
  }
})

test('a second stage that asks for other rows each time is stopped', async () => {
  let next = 1
  const alsoLocks = () => [lock(ledgers, `ledger ${next++}`)]
  expect(await slugOf(modelOf({ alsoLocks }))).toBe('unsteady-locks')
})

test('reactions run breadth first, each seeing what happened before it', async () => {
  const seen: string[] = []
  const note = (name: string, next: readonly Happened[] = []) =>
    ((event: { data: { amount: number } }, place) => {
      seen.push(`${name} ${place.rows.get(ledgers, 'main')?.moved}`)
      return event.data.amount < 10 ? next : []
    }) satisfies (...given: [{ data: { amount: number } }, Place]) => readonly Happened[]
  const moved = (amount: number) =>
    happened(ledgers, 'main', { type: 'MovementBooked', data: { amount } })
  const model = modelOf(
    { locks: () => [lock(ledgers, 'main')], decide: () => [moved(1), moved(2)] },
    { reactions: { MovementBooked: [note('first', [moved(10)]), note('second')] } },
  )
  const run = { envelope: bankCommand(Open, { id }), key: id, attempts: 1 }
  await unitOfWork(model).execute(emptyDatabase, [run], { wait: true, now: new Date() })
  expect(seen).toEqual([
    'first 1',
    'second 1',
    'first 3',
    'second 3',
    'first 13',
    'second 13',
    'first 23',
    'second 23',
  ])
})

type Place = { readonly rows: { get(aggregate: typeof ledgers, id: string): Ledger | undefined } }
type Ledger = AggregateRow & { readonly moved: number }
