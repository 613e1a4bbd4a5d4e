import { describe, expect, test } from 'bun:test'
import { type Schema as AvscSchema, Type } from 'avsc'
import * as fc from 'fast-check'
import { z } from 'zod'
import { valuesOf } from '../../tests/support/zod-values.ts'
import { type Contract, eventsOf } from '../contracts/contract.ts'
import { commandTopics, contractsOf, eventTopics, outcomesTopic } from '../contracts/topology.ts'
import type { AvroRecord, AvroType } from './avro.ts'
import { contractRecord, schemaOf, topicRecord } from './topic-schema.ts'

const topics = [...commandTopics, ...eventTopics, outcomesTopic]

// Unions are of null and one type, so a value says by itself which it is.
const avsc = (type: AvroType) => Type.forSchema(type as AvscSchema, { wrapUnions: false })

/** How JSON becomes a value of Avro: what is absent is null. */
function mapped(type: AvroType, value: unknown): unknown {
  if (value === undefined || value === null) return null
  if (typeof type === 'string') return value
  if (Array.isArray(type))
    return mapped(
      type.find((branch) => branch !== 'null'),
      value,
    )
  const complex = type as Exclude<AvroType, string | readonly AvroType[]>
  if (complex.type === 'array')
    return (value as unknown[]).map((item) => mapped(complex.items, item))
  if (complex.type === 'map')
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, mapped(complex.values, item)]),
    )
  if (complex.type === 'enum') return value
  const given = value as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    complex.fields.map(({ name, type: of }) => [name, mapped(of, given[name])]),
  )
}

const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** Every value of the contract is one of the record, without a field more than the record names. */
function holdsFor(contract: Contract, record: AvroRecord) {
  const type = avsc(record)
  fc.assert(
    fc.property(valuesOf(contract.schema), (value) => {
      const parsed = overTheWire(contract.schema.parse(value))
      const avro = mapped(record, parsed)
      expect(type.isValid(avro)).toBe(true)
      const read = overTheWire(type.clone(avro))
      expect(withoutNulls(read)).toEqual(withoutNulls(parsed))
    }),
    { numRuns: 50 },
  )
}

const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([name, inner]) => [name, withoutNulls(inner)]),
  )
}

describe('the schemas of the contracts', () => {
  for (const topic of topics) {
    test(`whatever may be sent to ${topic} fits what is registered for it`, () => {
      const contracts = contractsOf(topic)
      const record = topicRecord(topic, contracts)
      for (const contract of contracts) {
        holdsFor(contract, record)
        holdsFor(contract, contractRecord(contract))
      }
    })
  }

  test('a topic of dead letters has none', () => {
    expect(schemaOf('persistent://aeroalpes/dead-letters/projector')).toBeUndefined()
  })

  test('the definition is a record named for its topic, with a record for each contract', () => {
    const definition = JSON.parse(schemaOf('persistent://aeroalpes/events/users')!.definition)
    expect(definition).toMatchObject({
      type: 'record',
      namespace: 'aeroalpes.events',
      name: 'users',
    })
    const names = definition.contracts.map(
      (record: AvroRecord) => `${record.namespace}.${record.name}`,
    )
    expect(names).toContain('aeroalpes.users.v1.UserRegistered')
  })
})

const leaf = fc.oneof(
  fc.constantFrom<z.ZodType>(
    z.string(),
    z.uuid(),
    z.iso.datetime(),
    z.number(),
    z.number().int(),
    z.int32(),
    z.boolean(),
    z.enum(['one', 'two']),
    z.enum(['with space', 'ok']),
    z.literal('only'),
  ),
)
const { anySchema } = fc.letrec<{ anySchema: z.ZodType; object: z.ZodType }>((tie) => ({
  anySchema: fc.oneof(
    { depthSize: 'small' },
    leaf,
    tie('anySchema').map((inner) => z.array(inner)),
    tie('anySchema').map((inner) => z.record(z.string(), inner)),
    tie('anySchema').map((inner) => inner.nullable()),
    tie('anySchema').map((inner) => inner.readonly()),
    tie('object'),
  ),
  object: fc
    .dictionary(fc.stringMatching(/^[a-z][a-z_]{0,5}$/), tie('anySchema'), { maxKeys: 4 })
    .chain((fields) =>
      fc
        .array(fc.boolean(), { minLength: 4, maxLength: 4 })
        .map((flags) =>
          z.strictObject(
            Object.fromEntries(
              Object.entries(fields).map(([name, field], i) => [
                name,
                flags[i] ? field.optional() : field,
              ]),
            ),
          ),
        ),
    ),
}))

test('any schema made of what contracts may use has a record that fits all its values', () => {
  const objects = fc.dictionary(fc.stringMatching(/^[a-z][a-z_]{0,5}$/), anySchema, { maxKeys: 3 })
  fc.assert(
    fc.property(
      objects.map((fields) => z.strictObject(fields)),
      (schema) => {
        const contract = eventsOf('trials')('Tried', schema)
        const type = avsc(contractRecord(contract))
        for (const value of fc.sample(valuesOf(schema), 5)) {
          const record = contractRecord(contract)
          expect(type.isValid(mapped(record, overTheWire(schema.parse(value))))).toBe(true)
        }
      },
    ),
  )
})
