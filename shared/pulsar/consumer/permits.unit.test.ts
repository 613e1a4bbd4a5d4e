import { expect, test } from 'bun:test'
import { Permits } from './permits.ts'

const granting = (messages: number, bytes: number) => {
  const grants: number[] = []
  const permits = new Permits({ messages, bytes }, (count) => grants.push(count))
  return { permits, grants, sum: () => grants.reduce((all, one) => all + one, 0) }
}

/** Lets so many messages of that size arrive and, unless they are kept, be taken at once. */
const deliver = (permits: Permits, messages: number, each: number, taken = true) => {
  for (let count = 0; count < messages; count++) {
    permits.arrived(1, each)
    if (taken) permits.used(1)
  }
}

test('until something arrived only as much is granted as fits if it is large', () => {
  const { permits, grants } = granting(1_000, 16_000)
  permits.begin(false)
  expect(grants).toEqual([16])
})

test('small messages soon come by as many as the queue holds', () => {
  const { permits, sum } = granting(1_000, 1_000_000)
  permits.begin(false)
  deliver(permits, 100, 100, false)
  expect(sum()).toBeGreaterThan(500)
})

test('of large messages never more than fit are asked for and not taken', () => {
  const { permits, sum } = granting(1_000, 100_000)
  permits.begin(false)
  for (let taken = 0; taken < 500; taken++) {
    expect(sum() - taken).toBeLessThanOrEqual(16)
    deliver(permits, 1, 10_000)
  }
  expect(sum() - 500).toBeLessThanOrEqual(10)
})

test('when messages grow the queue shrinks, but for what was asked for before', () => {
  const { permits, grants, sum } = granting(100, 100_000)
  permits.begin(false)
  deliver(permits, 200, 100)
  const before = sum()
  deliver(permits, 60, 50_000)
  expect(sum() - before).toBeLessThan(10)
  expect(grants.every((count) => count > 0)).toBe(true)
})

test('one message larger than all the room is asked for nevertheless', () => {
  const { permits, sum } = granting(1_000, 1_000)
  permits.begin(false)
  deliver(permits, 50, 70_000)
  expect(sum()).toBe(51)
})

test('the size of a batch counts for each of its messages', () => {
  const { permits, sum } = granting(1_000, 1_000_000)
  permits.begin(false)
  permits.arrived(500, 50_000)
  expect(sum()).toBe(1_000)
})

test('while it pauses nothing is granted, and all that was missed when it goes on', () => {
  const { permits, grants } = granting(4, 1_000)
  permits.begin(false)
  permits.pause()
  deliver(permits, 4, 1)
  expect(grants).toEqual([4])
  permits.resume(false)
  expect(grants).toEqual([4, 4])
})

test('without a queue one message is granted for whoever waits, though not while it pauses', () => {
  const { permits, grants } = granting(0, 1_000)
  permits.begin(false)
  permits.wanted()
  permits.wanted()
  expect(grants).toEqual([1])
  deliver(permits, 1, 1)
  permits.pause()
  permits.wanted()
  expect(grants).toEqual([1])
  permits.resume(true)
  expect(grants).toEqual([1, 1])
})
