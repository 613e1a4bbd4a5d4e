import { expect, test } from 'bun:test'
import { crc32c } from './crc32c.ts'

const bytewise = (bytes: Uint8Array): number => {
  let crc = -1
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return ~crc >>> 0
}

test('the check value and the vectors of RFC 3720 come out', () => {
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283)
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43)
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, at) => at))).toBe(0x46dd794e)
})

test('eight bytes a step give what one byte a step gives, at every length and start', () => {
  const bytes = Uint8Array.from({ length: 70 }, (_, at) => (at * 151 + 7) & 0xff)
  for (let start = 0; start < 9; start++)
    for (let end = start; end <= bytes.length; end++)
      expect(crc32c(bytes, start, end)).toBe(bytewise(bytes.subarray(start, end)))
})
