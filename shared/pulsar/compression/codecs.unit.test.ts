import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { type CompressionType, codecOf, decompress } from './codecs.ts'

const types = ['LZ4', 'Zlib', 'ZSTD', 'SNAPPY'] as const satisfies readonly CompressionType[]
const mib = 1024 * 1024

const repetitive = fc
  .array(fc.tuple(fc.uint8Array({ maxLength: 20 }), fc.nat(400)), { maxLength: 12 })
  .map((parts) =>
    Uint8Array.from(Buffer.concat(parts.flatMap(([part, times]) => Array(times).fill(part)))),
  )

test('every codec gives back what went in, repetitive or not', () => {
  for (const type of types) {
    const codec = codecOf(type)!
    fc.assert(
      fc.property(fc.oneof(repetitive, fc.uint8Array({ maxLength: 400 })), (bytes) => {
        const plain = decompress(codec.number, codec.compress(bytes), bytes.length, mib)
        expect(Buffer.from(plain).equals(bytes)).toBe(true)
      }),
      { numRuns: 150 },
    )
  }
})

test('a repetitive payload gets smaller', () => {
  for (const type of types)
    expect(codecOf(type)!.compress(new Uint8Array(10_000).fill(65)).length).toBeLessThan(500)
})

test('a size above the limit is refused before anything is inflated', () => {
  const bomb = codecOf('Zlib')!.compress(new Uint8Array(mib))
  expect(() => decompress(2, bomb, mib, 1_000)).toThrow('above 1000')
})

test('a payload that inflates to more or less than announced is refused', () => {
  for (const type of types) {
    const codec = codecOf(type)!
    const packed = codec.compress(new Uint8Array(1_000).fill(1))
    for (const size of [999, 1_001])
      expect(() => decompress(codec.number, packed, size, mib)).toThrow('A message')
  }
})

for (const type of ['LZ4', 'SNAPPY'] as const)
  test(`damaged ${type} never reads or writes beyond its buffers`, () => survivesDamage(type))

const survivesDamage = (type: 'LZ4' | 'SNAPPY') => {
  const codec = codecOf(type)!
  const packed = codec.compress(new TextEncoder().encode('aerial '.repeat(60)))
  fc.assert(
    fc.property(fc.nat(packed.length - 1), fc.nat(255), (at, value) => {
      const damaged = packed.slice()
      damaged[at] = value
      try {
        expect(decompress(codec.number, damaged, 420, mib)).toHaveLength(420)
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'protocol' })
      }
    }),
    { numRuns: 2_000 },
  )
}

test('an unknown codec is named', () => {
  expect(() => decompress(9, new Uint8Array(1), 1, mib)).toThrow('codec 9')
})

test('a Snappy block that the library of its authors wrote is read', () => {
  const block =
    'd1043061657269616c20616c70657320fe0d00fe0d00fe0d00fe0d00fe0d00fe0d00fe0d00ea0d000078fe0100050108656e64'
  const text = `${'aerial alpes '.repeat(40)}${'x'.repeat(70)}end`
  const plain = decompress(4, Buffer.from(block, 'hex'), text.length, mib)
  expect(new TextDecoder().decode(plain)).toBe(text)
})
