import { describe, expect, test } from 'bun:test'
import { z } from 'zod'
import { eventsOf } from '../contracts/contract.ts'
import { mergeShapes } from './merge.ts'
import { contractRecord, topicRecord } from './topic-schema.ts'
import { shapeOf } from './zod-shape.ts'

const event = eventsOf('trials')

describe('a field', () => {
  const record = contractRecord(
    event(
      'Tried',
      z.strictObject({
        id: z.uuid(),
        at: z.iso.datetime(),
        count: z.number().int(),
        small: z.int32(),
        ratio: z.number(),
        sure: z.boolean(),
        kind: z.enum(['a', 'b']),
        odd: z.enum(['one way', 'two-way']),
        note: z.string().optional(),
        gone: z.string().nullable(),
        given: z.string().default('x'),
        tags: z.record(z.string(), z.number().nullable()),
        parts: z.array(z.strictObject({ code: z.string() })).readonly(),
      }),
    ),
  )
  const typeOf = (name: string) => record.fields.find((field) => field.name === name)

  test('of text stays text, whatever its format is', () => {
    expect(typeOf('id')).toEqual({ name: 'id', type: 'string' })
    expect(typeOf('at')).toEqual({ name: 'at', type: 'string' })
  })

  test('of numbers is as wide as its values', () => {
    expect(typeOf('count')?.type).toBe('long')
    expect(typeOf('small')?.type).toBe('int')
    expect(typeOf('ratio')?.type).toBe('double')
    expect(typeOf('sure')?.type).toBe('boolean')
  })

  test('that may be absent has the default null; one that may be null has to be given', () => {
    expect(typeOf('note')).toEqual({ name: 'note', type: ['null', 'string'], default: null })
    expect(typeOf('given')).toEqual({ name: 'given', type: ['null', 'string'], default: null })
    expect(typeOf('gone')).toEqual({ name: 'gone', type: ['null', 'string'] })
  })

  test('of words is an enum, or text when they are no names of Avro', () => {
    expect(typeOf('kind')?.type).toEqual({
      type: 'enum',
      namespace: 'aeroalpes.trials.v1.Tried',
      name: 'kind',
      symbols: ['a', 'b'],
    })
    expect(typeOf('odd')?.type).toBe('string')
  })

  test('of lists, maps and objects names what is inside for its path', () => {
    expect(typeOf('tags')?.type).toEqual({ type: 'map', values: ['null', 'double'] })
    expect(typeOf('parts')?.type).toEqual({
      type: 'array',
      items: {
        type: 'record',
        namespace: 'aeroalpes.trials.v1.Tried',
        name: 'parts',
        fields: [{ name: 'code', type: 'string' }],
      },
    })
  })
})

describe('what has no form in Avro is refused, naming the path:', () => {
  const refused: Readonly<Record<string, readonly [z.ZodType, string]>> = {
    'a union': [z.union([z.string(), z.number()]), 'Tried.odd'],
    'a transformation': [z.string().transform(Number), 'Tried.odd'],
    'an open object': [z.looseObject({}), 'Tried.odd'],
    'a big integer': [z.bigint(), 'Tried.odd'],
    'a date': [z.date(), 'Tried.odd'],
    'anything at all': [z.any(), 'Tried.odd'],
    'a literal that is no text': [z.literal(7), 'Tried.odd'],
    'an element that may be absent': [z.array(z.string().optional()), 'Tried.odd[]'],
    'a field deep inside': [
      z.array(z.strictObject({ deep: z.record(z.string(), z.unknown()) })),
      'Tried.odd[].deep{}',
    ],
    'a name that Avro does not take': [z.strictObject({ 'not-a-name': z.string() }), 'not-a-name'],
  }
  for (const [what, [schema, path]] of Object.entries(refused)) {
    test(what, () => {
      const asked = () => shapeOf(z.strictObject({ odd: schema }), 'Tried')
      expect(asked).toThrow(path)
      expect(asked).toThrow(expect.objectContaining({ slug: 'unmappable-schema' }))
    })
  }

  test('a message that is no object', () => {
    expect(() => shapeOf(z.string(), 'Tried')).toThrow('Tried cannot be registered as a schema')
  })
})

describe('the record of a topic', () => {
  const first = event(
    'First',
    z.strictObject({ id: z.string(), inner: z.strictObject({ a: z.string(), b: z.number() }) }),
  )
  const second = event(
    'Second',
    z.strictObject({
      id: z.string(),
      inner: z.strictObject({ a: z.string().nullable() }),
      kind: z.enum(['x']),
    }),
  )
  const third = event('Third', z.strictObject({ id: z.string(), kind: z.enum(['y']) }))

  test('has every field of its messages, and each may be missing', () => {
    const { name, namespace, fields } = topicRecord('persistent://aeroalpes/events/try-outs', [
      first,
      second,
      third,
    ])
    expect({ name, namespace }).toEqual({ name: 'try_outs', namespace: 'aeroalpes.events' })
    const inner = {
      type: 'record',
      namespace: 'aeroalpes.events.try_outs',
      name: 'inner',
      fields: [
        { name: 'a', type: ['null', 'string'] },
        { name: 'b', type: ['null', 'double'] },
      ],
    }
    const kind = {
      type: 'enum',
      namespace: 'aeroalpes.events.try_outs',
      name: 'kind',
      symbols: ['x', 'y'],
    }
    expect<unknown>(fields).toEqual([
      { name: 'id', type: ['null', 'string'] },
      { name: 'inner', type: ['null', inner] },
      { name: 'kind', type: ['null', kind] },
    ])
  })

  test('cannot be made when two messages mean different things by one name', () => {
    const other = event('Other', z.strictObject({ inner: z.array(z.string()) }))
    expect(() =>
      topicRecord('persistent://aeroalpes/events/trials', [first, second, other]),
    ).toThrow(
      'inner is record in aeroalpes.trials.First.v1, aeroalpes.trials.Second.v1 and list in aeroalpes.trials.Other.v1',
    )
  })

  test('cannot be made of nothing', () => {
    expect(() => mergeShapes([])).toThrow('without any contract')
  })
})
