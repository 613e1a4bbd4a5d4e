import { expect, test } from 'bun:test'
import { aReceipt } from '../../tests/support/receipts.ts'
import { waiter, waiters } from './waiters.ts'

const long = 60_000

test('who is woken before going to sleep does not sleep', async () => {
  const one = waiter()
  const receipt = aReceipt()
  one.tell(receipt)
  await one.sleep(long)
  expect(one.told).toBe(receipt)
})

test('a sleep ends when it is woken, and when its signal aborts or has aborted', async () => {
  const one = waiter()
  const woken = one.sleep(long)
  one.wake()
  await woken
  const hangUp = new AbortController()
  const aborted = one.sleep(long, hangUp.signal)
  hangUp.abort()
  await aborted
  await one.sleep(long, AbortSignal.abort())
})

test('a command that nobody waits for any more is forgotten', () => {
  const all = waiters()
  const [one, other] = [waiter(), waiter()]
  all.add('a', one)
  all.add('a', other)
  all.remove('a', one)
  expect([...(all.of('a') ?? [])]).toEqual([other])
  all.remove('a', other)
  expect(all.of('a')).toBeUndefined()
  expect([...all.all]).toEqual([])
})
