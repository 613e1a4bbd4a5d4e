import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { present, valuesOf } from '../../../tests/support/table-values.ts'
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import {
  type Body,
  type CommandType,
  commandTypes,
  decodeCommand,
  encodeCommand,
  numberOf,
  tableOf,
} from './commands.ts'

const encoded = (type: CommandType, body: Body<CommandType>): Uint8Array => {
  const writer = new ByteWriter()
  encodeCommand(writer, type, body)
  return writer.finish()
}

test('every command survives with whatever fields it has', () => {
  for (const type of commandTypes)
    fc.assert(
      fc.property(valuesOf(tableOf(type)), (body) => {
        const read: { type: string; body: unknown } = decodeCommand(
          new ByteReader(encoded(type, body as never)),
        )
        expect(read.type).toBe(type)
        expect(present(read.body)).toEqual(present(body))
      }),
      { numRuns: 20 },
    )
})

test('the field that holds a command has the number of its type', () => {
  const bytes = encoded('flow', { consumerId: 3, messagePermits: 1000 })
  expect([...bytes]).toEqual([0x08, 11, (11 << 3) | 2, 5, 0x08, 3, 0x10, 0xe8, 0x07])
  expect(new Set(commandTypes.map(numberOf)).size).toBe(commandTypes.length)
})

test('a command of a newer broker is named by its number and does no harm', () => {
  const bytes = Uint8Array.of(0x08, 99, 0x9a, 0x06, 0)
  expect(decodeCommand(new ByteReader(bytes))).toEqual({ type: 'unknown', body: { number: 99 } })
})

test('fields of a newer broker are passed over', () => {
  const writer = new ByteWriter()
  writer.number(1, 31)
  const start = writer.open(31)
  writer.text(77, 'new')
  writer.number(1, 5)
  writer.number(2, 1)
  writer.close(start)
  expect(decodeCommand(new ByteReader(writer.finish())).body).toEqual({
    consumerId: 5,
    isActive: true,
  })
})

test('a missing required field, body or type is a protocol error', () => {
  const decode = (...bytes: number[]) => decodeCommand(new ByteReader(Uint8Array.from(bytes)))
  expect(() => decode(0x08, 11, (11 << 3) | 2, 2, 0x08, 3)).toThrow('messagePermits')
  expect(() => decode(0x08, 11)).toThrow('without its body')
  expect(() => decode(0x10, 11)).toThrow('does not begin with its type')
})

test('random bytes give a command or a protocol error, nothing else', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 60 }),
      fc.integer({ min: 2, max: 68 }),
      (bytes, type) => {
        const hostile = Uint8Array.of(0x08, type, ((type << 3) | 2) & 0x7f, ...bytes)
        try {
          decodeCommand(new ByteReader(hostile))
        } catch (thrown) {
          expect(thrown).toMatchObject({ name: 'PulsarError', code: 'protocol' })
        }
      },
    ),
    { numRuns: 2_000 },
  )
})
