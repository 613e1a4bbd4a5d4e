import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { PulsarError } from '../errors.ts'
import { loadAvsc } from './avro.ts'
import type { Codec, Payload } from './codec.ts'
import type { SchemaInfo } from './schema-info.ts'
import { Schema } from './schema.ts'
import { valueReader } from './value-reader.ts'

const nothing = async () => undefined
const payload = (data: Uint8Array): Payload => ({ data, key: undefined })
const record = (name: string, ...fields: object[]) => ({ type: 'record', name, fields })
const id = { name: 'id', type: 'string' }
const total = { name: 'total', type: ['null', 'long'], default: null }

/** What the tutorial's neighbours register, as the Python client writes it. */
const reservationCreated = record('EventoReservaCreada', {
  name: 'data',
  type: [
    'null',
    record(
      'ReservaCreadaPayload',
      { name: 'id_reserva', type: ['null', 'string'] },
      { name: 'id_cliente', type: ['null', 'string'] },
      { name: 'estado', type: ['null', 'string'] },
      { name: 'fecha_creacion', type: ['null', 'long'] },
    ),
  ],
})

const roundTrip = async <T>(schema: Schema<T>, value: T): Promise<T> => {
  const codec = await schema.open(nothing)
  const decode = await codec.decoderFor(codec.info)
  return decode(codec.encode(value))
}

const codeOf = async (attempt: () => unknown): Promise<string> => {
  try {
    await attempt()
    return 'done'
  } catch (error) {
    if (error instanceof PulsarError) return error.code
    throw error
  }
}

test('bytes, texts and JSON come back as they were', async () => {
  const bytes = new Uint8Array([1, 2, 255])
  expect(await roundTrip(Schema.bytes(), bytes)).toEqual(bytes)
  expect(await roundTrip(Schema.string(), 'vuelo ✈')).toBe('vuelo ✈')
  const order = { id: 'a', lines: [1, 2] }
  expect(await roundTrip(Schema.json(record('Order', id)), order)).toEqual(order)
})

test('what JSON cannot write, or is no JSON, is refused with a type', async () => {
  const codec = await Schema.json(record('Order', id)).open(nothing)
  expect(await codeOf(() => codec.encode(undefined))).toBe('invalid-argument')
  const decode = await codec.decoderFor(undefined)
  expect(await codeOf(() => decode(payload(new Uint8Array([123]))))).toBe('unreadable-value')
})

test('the messages of the tutorial come back, whichever of their fields are null', () =>
  fc.assert(
    fc.asyncProperty(
      fc.option(
        fc.record({
          id_reserva: fc.option(fc.string()),
          id_cliente: fc.option(fc.string()),
          estado: fc.option(fc.constantFrom('PENDIENTE', 'APROBADA')),
          fecha_creacion: fc.option(fc.integer({ min: 0, max: 4_000_000_000_000 })),
        }),
      ),
      async (data) => {
        expect(await roundTrip(Schema.avro(reservationCreated), { data })).toEqual({ data })
      },
    ),
    { numRuns: 50 },
  ))

test('a value that does not fit its Avro schema is refused, naming the field', async () => {
  const codec: Codec<unknown> = await Schema.avro(reservationCreated).open(nothing)
  const wrong = { data: { id_reserva: 5, id_cliente: null, estado: null, fecha_creacion: null } }
  expect(() => codec.encode(wrong)).toThrow('data.id_reserva: 5 is no ["null","string"]')
  expect(await codeOf(() => codec.encode(wrong))).toBe('invalid-argument')
})

test('Avro bytes that end too early, or go on, are refused with a type', async () => {
  const codec: Codec<unknown> = await Schema.avro(record('Order', id)).open(nothing)
  const decode = await codec.decoderFor(undefined)
  const { data } = codec.encode({ id: 'abc' })
  expect(await codeOf(() => decode(payload(data.subarray(0, 2))))).toBe('unreadable-value')
  expect(await codeOf(() => decode(payload(new Uint8Array([...data, 1]))))).toBe('unreadable-value')
  expect(decode(payload(data))).toEqual({ id: 'abc' })
})

test('an older or newer Avro version is read by its own schema, whatever its record is called', async () => {
  const older = await Schema.avro(record('Order', id)).open(nothing)
  const newer = await Schema.avro(record('Renamed', id, total)).open(nothing)
  const readOld = await newer.decoderFor(older.info)
  expect(readOld(older.encode({ id: 'a' }))).toEqual({ id: 'a', total: null })
  const readNew = await older.decoderFor(newer.info)
  expect(readNew(newer.encode({ id: 'b', total: 7 }))).toEqual({ id: 'b' })
})

test('a version that cannot be read by Avro is refused when its decoder is made', async () => {
  const numbers = await Schema.avro(record('Order', { name: 'id', type: 'long' })).open(nothing)
  const texts = await Schema.avro(record('Order', id)).open(nothing)
  expect(await codeOf(() => texts.decoderFor(numbers.info))).toBe('unreadable-value')
  const json = await Schema.json(record('Order', id)).open(nothing)
  expect(await codeOf(() => texts.decoderFor(json.info))).toBe('unreadable-value')
})

test('a text that defines no Avro type is refused when it is opened', async () => {
  for (const definition of ['{', '{"type":"nonsense"}'])
    expect(await codeOf(() => Schema.avro(definition).open(nothing))).toBe('invalid-argument')
})

test('without the package for Avro the error names the command that brings it', async () => {
  const missing = () => Promise.reject(new Error('Cannot find module'))
  expect(await codeOf(() => loadAvsc(missing))).toBe('missing-package')
  expect(loadAvsc(missing)).rejects.toThrow('npm install avsc')
})

test('pairs come back in both encodings, and the key of SEPARATED stands beside the payload', async () => {
  const pair = { key: 'k', value: { id: 'ab' } }
  const value = Schema.avro<{ id: string }>(record('Order', id))
  for (const encoding of ['INLINE', 'SEPARATED'] as const)
    expect(await roundTrip(Schema.keyValue(Schema.string(), value, encoding), pair)).toEqual(pair)
  const inline = await Schema.keyValue(Schema.string(), value).open(nothing)
  expect([...inline.encode(pair).data]).toEqual([0, 0, 0, 1, 107, 0, 0, 0, 3, 4, 97, 98])
  const separated = await Schema.keyValue(Schema.string(), value, 'SEPARATED').open(nothing)
  expect(separated.encode(pair)).toMatchObject({ key: new Uint8Array([107]) })
  expect(separated.info?.properties).toMatchObject({
    'key.schema.type': 'STRING',
    'value.schema.type': 'AVRO',
    'kv.encoding.type': 'SEPARATED',
  })
})

test('pairs are read in the encoding they were written in, not in the one of who reads', async () => {
  const inline = await Schema.keyValue(Schema.string(), Schema.string()).open(nothing)
  const separated = await Schema.keyValue(Schema.string(), Schema.string(), 'SEPARATED').open(
    nothing,
  )
  const pair = { key: 'k', value: 'v' }
  expect((await inline.decoderFor(separated.info))(separated.encode(pair))).toEqual(pair)
  expect((await separated.decoderFor(inline.info))(inline.encode(pair))).toEqual(pair)
  const decode = await separated.decoderFor(undefined)
  expect(await codeOf(() => decode(payload(new Uint8Array(1))))).toBe('unreadable-value')
})

test('pairs whose lengths lie are refused, and -1 is an empty part', async () => {
  const codec = await Schema.keyValue(Schema.string(), Schema.string()).open(nothing)
  const decode = await codec.decoderFor(codec.info)
  const { data } = codec.encode({ key: 'key', value: 'value' })
  for (let end = 0; end < data.length; end++)
    expect(await codeOf(() => decode(payload(data.subarray(0, end))))).toBe('unreadable-value')
  const noKey = new Uint8Array([255, 255, 255, 255, 0, 0, 0, 1, 118])
  expect(decode(payload(noKey))).toEqual({ key: '', value: 'v' })
})

test('auto-consume reads every kind by the schema it was written with', async () => {
  const reader = await Schema.autoConsume().open(nothing)
  const read = async <T>(schema: Schema<T>, value: T) => {
    const codec = await schema.open(nothing)
    return (await reader.decoderFor(codec.info))(codec.encode(value))
  }
  const avro = Schema.avro<object>(record('Order', id))
  expect(await read(Schema.string(), 'a')).toBe('a')
  expect(await read(Schema.json(record('Order', id)), { id: 'j' })).toEqual({ id: 'j' })
  expect(await read(avro, { id: 'a' })).toEqual({ id: 'a' })
  const pair = { key: 'k', value: { id: 'v' } }
  expect(await read(Schema.keyValue(Schema.string(), avro, 'SEPARATED'), pair)).toEqual(pair)
  expect(await read(Schema.bytes(), new Uint8Array([1]))).toEqual(new Uint8Array([1]))
  expect(reader.info).toBeUndefined()
})

test('auto-produce writes by the schema of the topic and registers that very one', async () => {
  const ofTopic = await Schema.avro(record('Order', id)).open(nothing)
  const info: SchemaInfo = { ...ofTopic.info!, properties: { by: 'another client' } }
  const codec = await Schema.autoProduce().open(async () => info)
  expect(codec.info).toEqual(info)
  expect(codec.encode({ id: 'a' })).toEqual(ofTopic.encode({ id: 'a' }))
  const bare = await Schema.autoProduce().open(nothing)
  expect(bare.info).toBeUndefined()
})

test('each version of a schema is asked for once, and again after it could not be had', async () => {
  const codec: Codec<unknown> = await Schema.avro(record('Order', id, total)).open(nothing)
  const older = await Schema.avro(record('Order', id)).open(nothing)
  const asked: number[] = []
  const reader = valueReader(codec, async (version) => {
    asked.push(version)
    if (asked.length === 1) throw new PulsarError('timeout', 'no answer')
    return version === 0 ? older.info! : codec.info!
  })
  const version = (number: number) => new Uint8Array([0, 0, 0, 0, 0, 0, 0, number])
  const old = older.encode({ id: 'a' })
  expect(await codeOf(() => reader.read(version(0), old))).toBe('timeout')
  for (let round = 0; round < 3; round++)
    expect(await reader.read(version(0), old)).toEqual({ id: 'a', total: null })
  const own = codec.encode({ id: 'b', total: 1 })
  expect(await reader.read(version(1), own)).toEqual({ id: 'b', total: 1 })
  expect(await reader.read(undefined, own)).toEqual({ id: 'b', total: 1 })
  expect(asked).toEqual([0, 0, 1])
})
