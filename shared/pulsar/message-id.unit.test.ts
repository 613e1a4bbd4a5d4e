import { expect, test } from 'bun:test'
import { compareMessageIds, earliest, formatMessageId, latest, messageId } from './message-id.ts'

test('ids are ordered by ledger, entry and place in the batch, between earliest and latest', () => {
  const id = (ledgerId: number, entryId: number, batchIndex = -1) =>
    messageId({ ledgerId, entryId, batchIndex })
  const ordered = [earliest, id(1, 9), id(2, 0), id(2, 0, 0), id(2, 0, 1), id(2, 1), latest]
  expect([...ordered].toReversed().toSorted(compareMessageIds)).toEqual(ordered)
})

test('ids are printed as other clients print them', () => {
  expect(formatMessageId(messageId({ ledgerId: 3, entryId: 4, partition: 1 }))).toBe('3:4:1')
  expect(formatMessageId(messageId({ ledgerId: 3, entryId: 4, batchIndex: 5 }))).toBe('3:4:-1:5')
})
