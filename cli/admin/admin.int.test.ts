import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AdminOnPulsar, adminOnPulsar } from '../../tests/support/admin-on-pulsar.ts'
import { beforePulsar, needsPulsar } from '../../tests/support/needs-pulsar.ts'
import { newNamespace } from '../../tests/support/pulsar-admin.ts'

const done = { code: 0, error: '' }

needsPulsar('tenants, namespaces, schemas and brokers on a real Pulsar', () => {
  let pulsar: AdminOnPulsar
  const folder = mkdtempSync(join(tmpdir(), 'aero-admin-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  beforePulsar(async () => {
    pulsar = await adminOnPulsar()
  })

  test('a tenant and its namespace are created, changed, listed and deleted', async () => {
    const tenant = `t-${crypto.randomUUID()}`
    const namespace = `${tenant}/n`
    expect(await pulsar.line(`tenants create ${tenant} -r boss --yes`)).toMatchObject(done)
    expect(await pulsar.line(`tenants create ${tenant} --yes`)).toMatchObject({ code: 4 })
    expect(await pulsar.json(`tenants get ${tenant}`)).toMatchObject({ adminRoles: ['boss'] })
    expect(await pulsar.line(`tenants update ${tenant} -r other --yes`)).toMatchObject(done)
    expect(await pulsar.json(`tenants get ${tenant}`)).toEqual({
      adminRoles: ['other'],
      allowedClusters: await pulsar.admin.brokers.clusters(),
    })
    expect(await pulsar.line(`namespaces create ${namespace} -b 2 --yes`)).toMatchObject(done)
    expect(await pulsar.json(`namespaces bundles ${namespace}`)).toMatchObject({ numBundles: 2 })
    expect(await pulsar.line(`namespaces list ${tenant}`)).toMatchObject({
      ...done,
      out: namespace,
    })
    expect(await pulsar.line(`tenants delete ${tenant} --yes`)).toMatchObject({ code: 4 })
    expect(await pulsar.line(`namespaces delete ${namespace} --yes`)).toMatchObject(done)
    expect(await pulsar.line(`tenants delete ${tenant} --yes`)).toMatchObject(done)
    expect(await pulsar.line(`tenants get ${tenant}`)).toMatchObject({ code: 3 })
  })

  test('every policy of a namespace is set, read and left to the broker again', async () => {
    const ns = await newNamespace(pulsar.admin)
    const set = [
      ['retention', `-s 1G -t 3d`, { retentionTimeInMinutes: 4320, retentionSizeInMB: 1024 }],
      ['message-ttl', `-ttl 90m`, 5400],
      ['deduplication', `--enable`, true],
      ['schema-compatibility-strategy', `-c BACKWARD`, 'BACKWARD'],
      ['schema-validation-enforce', `-e`, true],
      [
        'auto-topic-creation',
        `-e -t partitioned -n 3`,
        { allowAutoTopicCreation: true, topicType: 'partitioned', defaultNumPartitions: 3 },
      ],
      ['compaction-threshold', `-t 10M`, 10_485_760],
    ] as const
    for (const [policy, words, value] of set) {
      expect(await pulsar.line(`namespaces set-${policy} ${words} ${ns} --yes`)).toMatchObject(done)
      expect(await pulsar.json(`namespaces get-${policy} ${ns}`)).toEqual(value)
    }
    const quota = '-l 10M -p producer_exception'
    expect(await pulsar.line(`namespaces set-backlog-quota ${quota} ${ns} --yes`)).toMatchObject(
      done,
    )
    expect(await pulsar.json(`namespaces get-backlog-quotas ${ns}`)).toMatchObject({
      destination_storage: { limitSize: 10_485_760, limitTime: -1, policy: 'producer_exception' },
    })
    for (const policy of ['retention', 'message-ttl', 'deduplication', 'compaction-threshold']) {
      expect(await pulsar.line(`namespaces remove-${policy} ${ns} --yes`)).toMatchObject(done)
      expect(await pulsar.json(`namespaces get-${policy} ${ns}`)).toBeNull()
    }
    expect(await pulsar.line(`namespaces remove-backlog-quota ${ns} --yes`)).toMatchObject(done)
    expect(await pulsar.json(`namespaces get-backlog-quotas ${ns}`)).toEqual({})
  })

  test('a role is granted permissions and loses them', async () => {
    const ns = await newNamespace(pulsar.admin)
    const grant = `namespaces grant-permission --role worker --actions produce,consume ${ns} --yes`
    expect(await pulsar.line(grant)).toMatchObject(done)
    expect(Object.keys((await pulsar.json(`namespaces permissions ${ns}`)) as object)).toEqual([
      'worker',
    ])
    expect(
      await pulsar.line(`namespaces revoke-permission --role worker ${ns} --yes`),
    ).toMatchObject(done)
    expect(await pulsar.json(`namespaces permissions ${ns}`)).toEqual({})
    expect(await pulsar.line(grant.replace('consume', 'everything'))).toMatchObject({ code: 2 })
  })

  test('schemas are registered, read, compared and deleted', async () => {
    const topic = await pulsar.newTopic()
    const file = (name: string, ...fields: object[]) => {
      const path = join(folder, name)
      const schema = { type: 'record', name: 'Order', fields }
      writeFileSync(path, JSON.stringify({ type: 'JSON', schema: JSON.stringify(schema) }))
      return path
    }
    const first = file('first.json', { name: 'id', type: 'string' })
    expect(await pulsar.json(`schemas upload -f ${first} ${topic} --yes`)).toEqual({ version: 0 })
    expect(await pulsar.json(`schemas get ${topic}`)).toMatchObject({ version: 0, type: 'JSON' })
    expect((await pulsar.line(`schemas get --version 0 ${topic}`)).out).toContain('"name": "id"')
    expect(await pulsar.json(`schemas get -a ${topic}`)).toHaveLength(1)
    const other = file('other.json', { name: 'id', type: 'int' })
    expect(await pulsar.json(`schemas compatibility -f ${other} ${topic}`)).toMatchObject({
      compatible: false,
    })
    expect(await pulsar.line(`schemas upload -f ${other} ${topic} --yes`)).toMatchObject({
      code: 4,
    })
    expect(await pulsar.line(`schemas upload -f ${folder} ${topic} --yes`)).toMatchObject({
      code: 2,
    })
    expect(await pulsar.line(`schemas delete ${topic} --yes`)).toMatchObject(done)
    expect(await pulsar.line(`schemas delete ${topic} --yes`)).toMatchObject({ code: 3 })
  })

  test('brokers say how they are', async () => {
    expect(await pulsar.line('brokers healthcheck')).toMatchObject({ ...done, out: 'ok' })
    expect((await pulsar.line('brokers version')).out).toMatch(/^\d+\.\d+/)
    const [broker] = (await pulsar.json('brokers list')) as string[]
    const [cluster] = (await pulsar.json('brokers clusters')) as string[]
    expect(await pulsar.json(`brokers list ${cluster}`)).toEqual([broker])
    expect(await pulsar.line(`brokers namespaces ${cluster} -u ${broker}`)).toMatchObject(done)
    expect(await pulsar.json('brokers leader-broker')).toHaveProperty('serviceUrl')
    expect((await pulsar.json('brokers list-dynamic-config')) as string[]).not.toHaveLength(0)
    expect((await pulsar.line('brokers get-runtime-config')).out).toContain('clusterName')
    expect(await pulsar.line('brokers get-all-dynamic-config')).toMatchObject(done)
  })
})
