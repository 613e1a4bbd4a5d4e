import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'

const written = (write: (writer: ByteWriter) => void): Uint8Array => {
  const writer = new ByteWriter(1)
  write(writer)
  return writer.finish()
}

const roundTrip = (value: number): number =>
  new ByteReader(written((writer) => writer.varint(value))).varint()

test('every safe whole number survives, the negative ones too', () => {
  fc.assert(fc.property(fc.maxSafeInteger(), (value) => roundTrip(value) === value))
  for (const edge of [0, 127, 128, 2 ** 28 - 1, 2 ** 28, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, -1])
    expect(roundTrip(edge)).toBe(edge)
})

test('bytes are those of the protobuf documentation', () => {
  expect([...written((writer) => writer.varint(150))]).toEqual([0x96, 0x01])
  expect([...written((writer) => writer.text(2, 'testing'))]).toEqual([
    0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67,
  ])
  expect([...written((writer) => writer.varint(-1))]).toEqual([
    ...Array.from({ length: 9 }, () => 0xff),
    0x01,
  ])
})

test('the largest unsigned word is read as -1 and the largest signed one stays "latest"', () => {
  expect(new ByteReader(written((writer) => writer.varintBig(2n ** 64n - 1n))).varint()).toBe(-1)
  expect(roundTrip(2 ** 63)).toBe(2 ** 63)
  expect(new ByteReader(written((writer) => writer.varint(2 ** 63))).varintBig()).toBe(
    2n ** 63n - 1n,
  )
})

test('every 64 bit word survives as a bigint', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (value) => {
      const bytes = written((writer) => writer.varintBig(value))
      return new ByteReader(bytes).varintBig() === value
    }),
  )
})

test('a nested message gets its length whatever its size', () => {
  for (const size of [0, 1, 120, 127, 128, 16_383, 16_384, 2_097_152]) {
    const bytes = written((writer) => {
      const start = writer.open(3)
      writer.raw(new Uint8Array(size).fill(7))
      writer.close(start)
    })
    const reader = new ByteReader(bytes)
    expect(reader.varint()).toBe(26)
    expect(reader.blob()).toEqual(new Uint8Array(size).fill(7))
    expect(reader.done).toBe(true)
  }
})

test('text keeps every character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      const reader = new ByteReader(written((writer) => writer.text(1, value)))
      reader.varint()
      return reader.text() === value
    }),
  )
})

test('hostile bytes end in a protocol error, not in a crash or a read beyond the end', () => {
  const elevenBytes = new Uint8Array(11).fill(0xff)
  expect(() => new ByteReader(elevenBytes).varint()).toThrow('more than ten bytes')
  expect(() => new ByteReader(elevenBytes).varintBig()).toThrow('more than ten bytes')
  expect(() => new ByteReader(Uint8Array.of(0x80)).varint()).toThrow('truncated')
  expect(() => new ByteReader(Uint8Array.of(1, 2), 1, 1).varint()).toThrow('truncated')
  expect(() => new ByteReader(Uint8Array.of(0x80, 2), 0, 1).varint()).toThrow('truncated')
  expect(() => new ByteReader(Uint8Array.of(5, 1, 2)).blob()).toThrow('a field of 5 bytes')
  expect(() => new ByteReader(Uint8Array.of(1, 2)).skip(7)).toThrow('wire type 7')
  expect(() => new ByteReader(Uint8Array.of(1, 2)).skip(1)).toThrow('truncated')
})
