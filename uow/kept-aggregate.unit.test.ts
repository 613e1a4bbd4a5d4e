import { expect, test } from 'bun:test'
import { accounts, books } from '../tests/support/uow-bank-rows.ts'
import { failureOf } from '../tests/support/uow-harness.ts'
import { unitOfWork } from './unit-of-work.ts'

const nothing = { handlers: {}, reactions: {}, integration: {} }

test('two aggregates of one rank are refused when the unit of work is made', async () => {
  const twin = { ...books, rank: accounts.rank }
  const failure = await failureOf(async () => unitOfWork(nothing, [accounts, twin]))
  expect(failure.slug).toBe('double-rank')
})

test('two aggregates of one name are refused', async () => {
  const failure = await failureOf(async () =>
    unitOfWork(nothing, [accounts, { ...books, name: accounts.name }]),
  )
  expect(failure.slug).toBe('double-rank')
})

test('the same aggregate may be named twice', () => {
  expect(() => unitOfWork(nothing, [accounts, books, accounts])).not.toThrow()
})
