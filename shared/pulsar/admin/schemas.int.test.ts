import { expect, test } from 'bun:test'
import { beforePulsar, needsPulsar } from '../../../tests/support/needs-pulsar.ts'
import { testPulsar } from '../../../tests/support/pulsar.ts'
import { kindOf, newNamespace } from '../../../tests/support/pulsar-admin.ts'
import { until } from '../../../tests/support/until.ts'
import { type PulsarAdmin, pulsarAdmin } from './admin.ts'

const order = { type: 'JSON', schema: record('{"name":"id","type":"string"}') } as const

function record(...fields: string[]): string {
  return `{"type":"record","name":"Order","fields":[${fields.join(',')}]}`
}

needsPulsar('schemas on a real Pulsar', () => {
  let admin: PulsarAdmin

  beforePulsar(async () => {
    admin = pulsarAdmin({ url: (await testPulsar()).adminUrl })
  })

  test('schemas have versions, and an incompatible one is refused', async () => {
    const topic = `persistent://${await newNamespace(admin)}/typed`
    const { schemas, topics } = admin
    await topics.create(topic)
    expect(await kindOf(schemas.get(topic))).toBe('not-found')
    expect(await schemas.upload(topic, order)).toBe(0)
    expect(await schemas.upload(topic, order)).toBe(0)
    const withNote = record(
      '{"name":"id","type":"string"}',
      '{"name":"note","type":["null","string"],"default":null}',
    )
    expect(await schemas.upload(topic, { ...order, schema: withNote })).toBe(1)
    const other = { ...order, schema: record('{"name":"id","type":"int"}') }
    expect(await kindOf(schemas.upload(topic, other))).toBe('conflict')
    const verdict = await schemas.compatibility(topic, other)
    expect(verdict).toMatchObject({ compatible: false })
    expect(verdict.reason).toContain('SchemaValidationException')
    expect(await schemas.compatibility(topic, order)).toMatchObject({ compatible: true })
    expect(await schemas.get(topic)).toMatchObject({ version: 1, type: 'JSON' })
    expect(JSON.parse((await schemas.get(topic, 0)).data)).toEqual(JSON.parse(order.schema))
    expect((await schemas.all(topic)).map(({ version }) => version)).toEqual([0, 1])
    expect(await schemas.versionOf(topic, { ...order, schema: withNote })).toBe(1)
    await schemas.delete(topic)
    expect(await until(async () => (await kindOf(schemas.get(topic))) === 'not-found')).toBe(true)
  })
})
