import { expect, test } from 'bun:test'
import { route, routerFor } from './routing.ts'

const data = new Uint8Array(0)
const wide = 2 ** 31
const usual = {
  batchingEnabled: true,
  hashingScheme: undefined,
  messageRoutingMode: undefined,
  messageRouter: undefined,
}
const of3 = { numPartitions: 3 }

test('Murmur3 is that of its author, sign bit cleared', () => {
  const pick = routerFor({ ...usual, hashingScheme: 'Murmur3_32Hash' })
  const hash = (partitionKey: string) => pick({ data, partitionKey }, { numPartitions: wide })
  expect(hash('')).toBe(0)
  expect(hash('hello')).toBe(0x248bfa47)
  expect(hash('hello, world')).toBe(0x149bbb7f)
  expect(hash('The quick brown fox jumps over the lazy dog')).toBe(0x2e4ff723)
})

test('JavaStringHash is String.hashCode, sign bit cleared', () => {
  const pick = routerFor({ ...usual, hashingScheme: 'JavaStringHash' })
  const hash = (partitionKey: string) => pick({ data, partitionKey }, { numPartitions: wide })
  expect(hash('hello')).toBe(99_162_322)
  expect(hash('polygenelubricants')).toBe(0)
  expect(hash('é😀')).toBe(((233 * 31 + 0xd83d) * 31 + 0xde00) & 0x7fffffff)
})

test('messages without a key share a partition within a turn and move on with the next', async () => {
  const pick = routerFor(usual)
  const turn = () => [pick({ data }, of3), pick({ data }, of3)]
  const seen = [turn()]
  for (let count = 0; count < 3; count++) {
    await new Promise((resolve) => setImmediate(resolve))
    seen.push(turn())
  }
  expect(seen).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
    [0, 0],
  ])
})

test('a router that picks no partition is refused', () => {
  for (const index of [-1, 3, 0.5, Number.NaN])
    expect(() => route(() => index, { data }, 3)).toThrow('picked partition')
  expect(route(() => 2, { data }, 3)).toBe(2)
})

test('without batching every message without a key moves on, as there is no batch to keep together', () => {
  const pick = routerFor({ ...usual, batchingEnabled: false })
  expect([1, 2, 3, 4].map(() => pick({ data }, of3))).toEqual([0, 1, 2, 0])
})

test('with one partition for all, every message without a key goes there, and keys where they belong', async () => {
  const pick = routerFor({ ...usual, messageRoutingMode: 'UseSinglePartition' })
  const first = pick({ data }, of3)
  await new Promise((resolve) => setImmediate(resolve))
  expect(pick({ data }, of3)).toBe(first)
  expect(pick({ data, partitionKey: 'hello' }, of3)).toBe(0x248bfa47 % 3)
})
