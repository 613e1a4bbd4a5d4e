import { describe, expect, test } from 'bun:test'
import { z } from 'zod'
import { type Contract, eventsOf } from '../contracts/contract.ts'
import { earlierContracts, upcastFrom } from '../contracts/upcasting.ts'
import { changesBetween, isBreaking } from './compare.ts'
import { registeredContracts } from './registered.ts'
import { contractRecord, topicRecord } from './topic-schema.ts'

const event = eventsOf('trials')
const fields = {
  id: z.string(),
  note: z.string().optional(),
  gone: z.string().nullable(),
  kind: z.enum(['a', 'b']),
  parts: z.array(z.strictObject({ code: z.string(), size: z.number().int() })),
  tags: z.record(z.string(), z.string()),
}
const tried = (changed: z.ZodRawShape, { without = '' } = {}, version = 1) => {
  const shape = Object.entries({ ...fields, ...changed }).filter(([name]) => name !== without)
  return event('Tried', z.strictObject(Object.fromEntries(shape)), version)
}
const changes = (old: readonly Contract[], now: readonly Contract[]) =>
  changesBetween(old.map(contractRecord), now.map(contractRecord))
const rulesOf = (now: Contract) =>
  changes([tried({})], [now]).map((change) => [change.field, change.rule, isBreaking(change)])

test('a contract that stays as it is has not changed', () => {
  expect(changes([tried({})], [tried({})])).toEqual([])
})

describe('nobody is disturbed by', () => {
  test('a field that may be absent', () => {
    expect(rulesOf(tried({ more: z.string().optional() }))).toEqual([
      ['more', 'optional-field-added', false],
    ])
  })

  test('a new kind of message', () => {
    const other = event('Other', z.strictObject({ id: z.string() }))
    expect(changes([tried({})], [tried({}), other])).toEqual([
      { contract: 'aeroalpes.trials.Other.v1', field: '', rule: 'contract-added', detail: '' },
    ])
  })

  test('a new version in place of the old one', () => {
    const [only, ...rest] = changes([tried({})], [tried({}, { without: 'note' }, 2)])
    expect(rest).toEqual([])
    expect(only).toMatchObject({ contract: 'aeroalpes.trials.Tried.v2', rule: 'contract-added' })
  })
})

test('a topic knows the versions of before beside the one of now, and nobody is disturbed', () => {
  const before = z.strictObject({ id: z.string() })
  const schema = before.extend({ currency: z.string() })
  const now = event('Tried', schema, 2, { 1: upcastFrom(before, (data) => data) })
  const topic = topicRecord(now.topic, [...earlierContracts(now), now])
  const known = registeredContracts(JSON.stringify(topic)) ?? []
  expect(changesBetween([event('Tried', before)].map(contractRecord), known)).toEqual([
    { contract: 'aeroalpes.trials.Tried.v2', field: '', rule: 'contract-added', detail: '' },
  ])
})

describe('old messages or old readers are broken by', () => {
  test('a field that every message needs', () => {
    expect(rulesOf(tried({ more: z.string() }))).toEqual([['more', 'required-field-added', true]])
    expect(rulesOf(tried({ more: z.string().nullable() }))).toEqual([
      ['more', 'required-field-added', true],
    ])
  })

  test('null in a field that may be absent', () => {
    const nullish = tried({ note: z.string().nullable().optional() })
    expect(rulesOf(nullish)).toEqual([['note', 'null-now-allowed', true]])
    expect(changes([nullish], [tried({})])).toMatchObject([
      { field: 'note', rule: 'null-now-refused' },
    ])
  })

  test('a field that is gone, needed or not', () => {
    expect(rulesOf(tried({}, { without: 'id' }))).toEqual([['id', 'field-removed', true]])
    expect(rulesOf(tried({}, { without: 'note' }))).toEqual([['note', 'field-removed', true]])
  })

  test('a field of another type', () => {
    expect(changes([tried({})], [tried({ id: z.number() })])).toEqual([
      {
        contract: 'aeroalpes.trials.Tried.v1',
        field: 'id',
        rule: 'field-retyped',
        detail: 'was string, is double',
      },
    ])
    expect(rulesOf(tried({ tags: z.array(z.string()) }))).toEqual([['tags', 'field-retyped', true]])
    expect(rulesOf(tried({ tags: z.record(z.string(), z.number()) }))).toEqual([
      ['tags{}', 'field-retyped', true],
    ])
  })

  test('a field deep inside that changes', () => {
    const part = z.strictObject({ code: z.string(), size: z.string() })
    expect(rulesOf(tried({ parts: z.array(part) }))).toEqual([
      ['parts[].size', 'field-retyped', true],
    ])
  })

  test('a field that is needed now, or no longer', () => {
    expect(rulesOf(tried({ note: z.string() }))).toEqual([['note', 'field-now-required', true]])
    expect(rulesOf(tried({ id: z.string().optional() }))).toEqual([
      ['id', 'field-now-optional', true],
    ])
  })

  test('null where there was none, and none where there was', () => {
    expect(rulesOf(tried({ id: z.string().nullable() }))).toEqual([
      ['id', 'null-now-allowed', true],
    ])
    expect(rulesOf(tried({ gone: z.string() }))).toEqual([['gone', 'null-now-refused', true]])
  })

  test('words that come or go', () => {
    expect(rulesOf(tried({ kind: z.enum(['a', 'c']) }))).toEqual([
      ['kind', 'word-removed', true],
      ['kind', 'word-added', true],
    ])
  })

  test('a message that is no longer known', () => {
    const [only] = changes([tried({})], [])
    expect(only).toMatchObject({ contract: 'aeroalpes.trials.Tried.v1', rule: 'contract-removed' })
    expect(only && isBreaking(only)).toBe(true)
  })
})

describe('a schema from the registry', () => {
  test('gives back the contracts that it was made from', () => {
    const record = topicRecord('persistent://aeroalpes/events/trials', [tried({})])
    expect(registeredContracts(JSON.stringify(record))).toEqual(record.contracts)
  })

  test('that somebody else has made has none', () => {
    for (const text of ['', 'no JSON', 'null', '"string"', '{"type":"record","fields":[]}']) {
      expect(registeredContracts(text)).toBeUndefined()
    }
    const broken = { type: 'record', contracts: [{ type: 'record', name: 7 }] }
    expect(registeredContracts(JSON.stringify(broken))).toBeUndefined()
  })
})
