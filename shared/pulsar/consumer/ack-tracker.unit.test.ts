import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { messageId } from '../message-id.ts'
import { isAcknowledged } from './ack-set.ts'
import { AckTracker } from './ack-tracker.ts'

test('whatever the size and order, the ack set holds what is left and the last one ends the entry', () => {
  const orders = fc.integer({ min: 1, max: 200 }).chain((size) =>
    fc.shuffledSubarray(
      Array.from({ length: size }, (_, at) => at),
      { minLength: size, maxLength: size },
    ),
  )
  fc.assert(
    fc.property(orders, (order) => {
      const tracker = new AckTracker(true)
      const idOf = (batchIndex: number) =>
        messageId({ ledgerId: 1, entryId: 2, batchIndex, batchSize: order.length })
      const acknowledged = new Set<number>()
      for (const index of order) {
        const told = tracker.acknowledge(idOf(index))
        acknowledged.add(index)
        const last = acknowledged.size === order.length
        expect(told).toMatchObject({ ledgerId: 1, entryId: 2 })
        expect(told?.ackSet === undefined).toBe(last)
        for (const one of last ? [] : order) {
          expect(isAcknowledged(told?.ackSet, one)).toBe(acknowledged.has(one))
          expect(tracker.isAcknowledged(idOf(one))).toBe(acknowledged.has(one))
        }
      }
    }),
    { numRuns: 30 },
  )
})

test('entries do not mix, and one that is forgotten begins anew', () => {
  const tracker = new AckTracker(false)
  const idOf = (entryId: number, batchIndex: number) =>
    messageId({ ledgerId: 1, entryId, batchIndex, batchSize: 2 })
  expect(tracker.acknowledge(idOf(1, 0))).toBeUndefined()
  expect(tracker.acknowledge(idOf(2, 1))).toBeUndefined()
  expect([1, 2].map((entry) => tracker.isAcknowledged(idOf(entry, 0)))).toEqual([true, false])
  expect(tracker.acknowledge(idOf(1, 1))).toEqual({ ledgerId: 1, entryId: 1 })
  tracker.forget(1, 1)
  expect(tracker.isAcknowledged(idOf(1, 0))).toBe(false)
  expect(tracker.acknowledge(idOf(1, 1))).toBeUndefined()
})
