import { expect, test } from 'bun:test'
import { messageId } from '../../pulsar/message-id.ts'
import { idText, placeOf } from './message-ids.ts'

test('an id is read as it was written, within a batch too', () => {
  const alone = messageId({ ledgerId: 7, entryId: 0 })
  const inBatch = { ...alone, batchIndex: 2, batchSize: 5 }
  expect(idText(alone, 3)).toBe('7:0:3')
  for (const id of [alone, inBatch])
    expect(placeOf(idText({ ...id, partition: 9 }, 3))).toEqual({ partition: 3, id })
})

test('what is no id of Pulsar is refused', () => {
  for (const text of ['', '1:2', '1:2:3:4', 'a:b:c', '1:-2:3', '1:2:3:4:5:6'])
    expect(() => placeOf(text)).toThrow('not a message id of Pulsar')
})
