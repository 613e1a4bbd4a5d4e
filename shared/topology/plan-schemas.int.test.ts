import { expect, test } from 'bun:test'
import { z } from 'zod'
import { afterPulsar, beforePulsar, needsPulsar } from '../../tests/support/needs-pulsar.ts'
import { noteEvent, notesTopology } from '../../tests/support/notes-topology.ts'
import { deleteTenant, ownTenant } from '../../tests/support/own-tenant.ts'
import { testPulsar } from '../../tests/support/pulsar.ts'
import type { Contract } from '../contracts/contract.ts'
import { type PulsarAdmin, pulsarAdmin } from '../pulsar/admin/admin.ts'
import { Client } from '../pulsar/client.ts'
import { PulsarError } from '../pulsar/errors.ts'
import { Schema } from '../pulsar/schema/schema.ts'
import { topicRecord } from '../schemas/topic-schema.ts'
import { applyTopology, planTopology } from './topology.ts'

const kind = z.enum(['a', 'b'])

needsPulsar('the schemas of the contracts on a real Pulsar', () => {
  let admin: PulsarAdmin
  let client: Client
  const tenants: string[] = []
  const single = (contracts?: readonly Contract[]) => {
    const tenant = ownTenant()
    tenants.push(tenant)
    return notesTopology(tenant, 1, contracts)
  }

  beforePulsar(async () => {
    const { url, adminUrl } = await testPulsar()
    admin = pulsarAdmin({ url: adminUrl })
    client = new Client({ serviceUrl: url, operationTimeoutSeconds: 20 })
  })
  afterPulsar(async () => {
    await client?.close()
    for (const tenant of tenants) await deleteTenant(admin, tenant)
  })

  test('a new field that may be absent is registered, and code of before still starts', async () => {
    const before = single()
    await applyTopology(admin, before)
    const longer = noteEvent(
      'Noted',
      z.strictObject({ id: z.string(), text: z.string().optional() }),
    )
    const after = notesTopology(before.tenant, 1, [
      longer,
      noteEvent('Other', z.strictObject({ n: z.int() })),
    ])
    const [only] = await planTopology(admin, after)
    expect(only!.wanted).toContain('notes.Noted.v1 text: optional field added')
    expect(only!.wanted).toContain('notes.Other.v1: contract added')
    expect(await applyTopology(admin, after)).toHaveProperty('applied')
    expect((await admin.schemas.all(before.topics[0]!.name)).length).toBe(2)
    expect(await planTopology(admin, before)).toEqual([])
  })

  test.each([
    ['a field that is gone', z.strictObject({ kind }), 'id: field removed'],
    ['a field of another type', z.strictObject({ id: z.number(), kind }), 'id: field retyped'],
    [
      'a word that is gone',
      z.strictObject({ id: z.string(), kind: z.enum(['a']) }),
      'word removed (b)',
    ],
    [
      'a field that is needed',
      z.strictObject({ id: z.string(), kind, x: z.string() }),
      'x: required',
    ],
  ])('%s is refused, in words', async (_, changed, why) => {
    const before = single([noteEvent('Noted', z.strictObject({ id: z.string(), kind }))])
    await applyTopology(admin, before)
    const result = await applyTopology(
      admin,
      notesTopology(before.tenant, 1, [noteEvent('Noted', changed)]),
    )
    const [first] = 'refused' in result ? result.refused : []
    expect(first && 'refused' in first.remedy && first.remedy.refused).toContain(why)
    expect(await admin.schemas.all(before.topics[0]!.name)).toHaveLength(1)
  })

  test('a version in place of the one before names the fields that the topic would lose', async () => {
    const before = single([noteEvent('Noted', z.strictObject({ id: z.string(), old: z.string() }))])
    await applyTopology(admin, before)
    const refusalOf = async (...contracts: readonly Contract[]) => {
      const [only] = await planTopology(admin, notesTopology(before.tenant, 1, contracts))
      return only && 'refused' in only.remedy ? only.remedy.refused : undefined
    }
    const second = (shape: z.ZodRawShape) => noteEvent('Noted', z.strictObject(shape), 2)
    expect(await refusalOf(second({ id: z.string() }))).toStartWith(
      'aeroalpes.events.notes old: field left topic: ',
    )
    expect(await refusalOf(second({ id: z.string(), old: z.boolean() }))).toStartWith(
      'aeroalpes.events.notes old: field retyped on topic (was string, is boolean): ',
    )
  })

  test('what the broker refuses by itself is refused, also where no contract explains it', async () => {
    const wanted = single()
    await applyTopology(admin, {
      ...wanted,
      topics: wanted.topics.map((t) => ({ ...t, schema: undefined })),
    })
    const foreign = { type: 'record', name: 'x', fields: [{ name: 'theirs', type: 'int' }] }
    await admin.schemas.upload(wanted.topics[0]!.name, {
      type: 'JSON',
      schema: JSON.stringify(foreign),
    })
    const [only] = await planTopology(admin, wanted)
    expect(only!.remedy).toEqual({ refused: expect.stringContaining('SchemaValidationException') })
    expect(only!.remedy).not.toEqual({ refused: expect.stringContaining('Try again') })
  })

  test('a producer gives its messages the version of a registered schema, and may not bring another', async () => {
    const wanted = single()
    await applyTopology(admin, wanted)
    const { name: topic, schema } = wanted.topics[0]!
    const open = (definition: object) =>
      client.createProducer({ topic, schema: Schema.json(definition) })
    const producer = await open(JSON.parse(schema!.definition))
    await producer.send({ value: { id: '1' } })
    const consumer = await client.subscribe({ topic, subscription: 'reader' })
    const message = await consumer.receive(10_000)
    expect(message.getSchemaVersion()).toBe(0)
    const other = topicRecord(topic, [
      noteEvent('Noted', z.strictObject({ id: z.string(), text: z.string() })),
    ])
    const refused = await open(other).then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(refused).toBeInstanceOf(PulsarError)
    expect((refused as PulsarError).code).toBe('incompatible-schema')
  })
})
