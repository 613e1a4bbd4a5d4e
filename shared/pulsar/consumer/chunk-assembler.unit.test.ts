import { expect, test } from 'bun:test'
import { messageId } from '../message-id.ts'
import { ChunkAssembler } from './chunk-assembler.ts'

const text = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes)
const chunk = (chunkId: number, chunks = 3) => ({
  producerName: 'p',
  sequenceId: 0,
  publishTime: 1,
  uuid: 'u',
  chunkId,
  chunks,
})
const at = (entryId: number) => messageId({ ledgerId: 1, entryId })
const bytes = (what: string) => new TextEncoder().encode(what)

/** Adds chunks by their number, entry after entry; returns what the last one made whole. */
const addAll = (assembler: ChunkAssembler, numbers: readonly number[]) =>
  numbers.map((number, entry) => assembler.add(chunk(number), bytes(`${number}`), at(entry))).at(-1)

test.each([
  { name: 'the second one', numbers: [0, 1, 1, 2] },
  { name: 'the first one', numbers: [0, 0, 1, 2] },
  { name: 'all that were sent before', numbers: [0, 1, 0, 1, 2] },
])(
  'a message is whole though its producer sent $name again after a reconnection, and all of it is acknowledged',
  ({ numbers }) => {
    const whole = addAll(new ChunkAssembler(100), numbers)
    expect(text(whole?.payload)).toBe('012')
    expect(whole?.ids.map(({ entryId }) => entryId)).toEqual(numbers.map((_, entry) => entry))
  },
)

test('a message that comes again from its first chunk on is acknowledged once an entry', () => {
  const assembler = new ChunkAssembler(100)
  assembler.add(chunk(0), bytes('0'), at(0))
  assembler.add(chunk(1), bytes('1'), at(1))
  assembler.add(chunk(0), bytes('0'), at(0))
  assembler.add(chunk(1), bytes('1'), at(1))
  expect(assembler.add(chunk(2), bytes('2'), at(2))?.ids).toEqual([at(0), at(1), at(2)])
})

test('a producer that restarts and counts anew gets none of the bytes of before into its message', () => {
  const assembler = new ChunkAssembler(100)
  for (const [entry, number] of [0, 1].entries())
    assembler.add(chunk(number), bytes(`old${number}`), at(entry))
  for (const number of [0, 1]) assembler.add(chunk(number), bytes(`new${number}`), at(2 + number))
  expect(text(assembler.add(chunk(2), bytes('new2'), at(4))?.payload)).toBe('new0new1new2')
})

test('without a chunk in between there is no message', () => {
  expect(addAll(new ChunkAssembler(100), [0, 2])).toBeUndefined()
  expect(addAll(new ChunkAssembler(100), [1, 2])).toBeUndefined()
})

test('a message that grows too large is an error, and what it took is given back', () => {
  const assembler = new ChunkAssembler(3)
  assembler.add(chunk(0), bytes('ab'), at(0))
  expect(() => assembler.add(chunk(1), bytes('cd'), at(1))).toThrow(
    expect.objectContaining({ code: 'protocol' }),
  )
  expect(assembler.add(chunk(2), bytes('e'), at(2))).toBeUndefined()
})
