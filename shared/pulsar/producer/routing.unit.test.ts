import { expect, test } from 'bun:test'
import { defaultRouter, route } from './routing.ts'

const data = new Uint8Array(0)
const wide = 2 ** 31

test('Murmur3 is that of its author, sign bit cleared', () => {
  const pick = defaultRouter('Murmur3_32Hash')
  const hash = (partitionKey: string) => pick({ data, partitionKey }, wide)
  expect(hash('')).toBe(0)
  expect(hash('hello')).toBe(0x248bfa47)
  expect(hash('hello, world')).toBe(0x149bbb7f)
  expect(hash('The quick brown fox jumps over the lazy dog')).toBe(0x2e4ff723)
})

test('JavaStringHash is String.hashCode, sign bit cleared', () => {
  const pick = defaultRouter('JavaStringHash')
  const hash = (partitionKey: string) => pick({ data, partitionKey }, wide)
  expect(hash('hello')).toBe(99_162_322)
  expect(hash('polygenelubricants')).toBe(0)
  expect(hash('é😀')).toBe(((233 * 31 + 0xd83d) * 31 + 0xde00) & 0x7fffffff)
})

test('messages without a key share a partition within a turn and move on with the next', async () => {
  const pick = defaultRouter()
  const turn = () => [pick({ data }, 3), pick({ data }, 3)]
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
