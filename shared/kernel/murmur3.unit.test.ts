import { expect, test } from 'bun:test'
import { murmur3, partitionOf } from './murmur3.ts'

// Reference values of MurmurHash3_x86_32 with seed 0, as published for the original implementation.
test.each([
  ['', 0x00000000],
  ['a', 0x3c2569b2],
  ['abc', 0xb3dd93fa],
  ['hello', 0x248bfa47],
  ['hello, world', 0x149bbb7f],
  ['The quick brown fox jumps over the lazy dog', 0x2e4ff723],
])('%p hashes as the reference implementation does', (text, hash) => {
  expect(murmur3(text)).toBe(hash)
})

test('a key outside of ASCII is hashed by its UTF-8 bytes', () => {
  expect(murmur3('é')).toBe(murmur3(new TextDecoder().decode(Uint8Array.of(0xc3, 0xa9))))
  expect(murmur3('é')).not.toBe(murmur3('\u00c3\u00a9'))
})

test('a key has one partition, and keys spread over all of them', () => {
  const counts = Array.from({ length: 16 }, () => 0)
  for (let i = 0; i < 16_000; i++) {
    const partition = partitionOf(`key-${i}`, 16)
    counts[partition] = (counts[partition] ?? 0) + 1
  }
  expect(Math.min(...counts)).toBeGreaterThan(850)
  expect(Math.max(...counts)).toBeLessThan(1150)
})
