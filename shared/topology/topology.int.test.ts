import { expect, test } from 'bun:test'
import { afterPulsar, beforePulsar, needsPulsar } from '../../tests/support/needs-pulsar.ts'
import { deleteTenant, ownTenant } from '../../tests/support/own-tenant.ts'
import { notesTopology } from '../../tests/support/notes-topology.ts'
import { testPulsar } from '../../tests/support/pulsar.ts'
import { until } from '../../tests/support/until.ts'
import { type PulsarAdmin, pulsarAdmin } from '../pulsar/admin/admin.ts'
import { Client } from '../pulsar/client.ts'
import { desiredTopology } from './desired.ts'
import { type Difference, isRefused } from './difference.ts'
import { applyTopology, checkTopology, planTopology } from './topology.ts'

const words = (differences: readonly Difference[]) =>
  differences.map(({ kind, on, is }) => [kind, on.split('/').slice(-2).join('/'), is])

needsPulsar('the topology of the contracts on a real Pulsar', () => {
  let admin: PulsarAdmin
  let client: Client
  const tenant = ownTenant()
  const others: string[] = []
  const desired = desiredTopology({ tenant, partitions: 2 })
  const at = (topic: string) => `persistent://${tenant}/${topic}`
  const plan = async () => words(await planTopology(admin, desired))
  const problems = async (role: Parameters<typeof checkTopology>[2][number]) =>
    words(await checkTopology(admin, desired, [role]))
  const mended = async () => {
    expect(await applyTopology(admin, desired)).toHaveProperty('applied')
    return plan()
  }

  beforePulsar(async () => {
    const { url, adminUrl } = await testPulsar()
    admin = pulsarAdmin({ url: adminUrl })
    client = new Client({ serviceUrl: url, operationTimeoutSeconds: 20 })
    await applyTopology(admin, desired)
  })
  afterPulsar(async () => {
    await client?.close()
    for (const name of [tenant, ...others]) await deleteTenant(admin, name)
  })

  const single = (partitions: number) => {
    const own = ownTenant()
    others.push(own)
    return notesTopology(own, partitions)
  }

  test('what was applied has no difference, and the broker shows all of it', async () => {
    expect(await plan()).toEqual([])
    const { metadata, subscriptions } = await admin.topics.partitionedStats(at('events/users'))
    expect(metadata.partitions).toBe(2)
    expect(Object.keys(subscriptions).toSorted()).toEqual(['notifier', 'projector'])
    const { type, data } = await admin.schemas.get(at('events/users'))
    expect({ type, definition: data }).toEqual(
      desired.topics.find(({ name }) => name === at('events/users'))!.schema!,
    )
    const deadLetters = await admin.topics.partitionedStats(at('dead-letters/projector'))
    expect(Object.keys(deadLetters.subscriptions)).toEqual(['inspect'])
    expect(deadLetters.metadata.partitions).toBe(1)
    expect(await admin.namespaces.policies(`${tenant}/events`)).toMatchObject({
      retention_policies: { retentionTimeInMinutes: 7 * 24 * 60, retentionSizeInMB: -1 },
      schema_compatibility_strategy: 'FORWARD',
      is_allow_auto_update_schema: false,
      autoTopicCreationOverride: { allowAutoTopicCreation: false },
      deduplicationEnabled: false,
    })
  })

  test('ten who apply it at once, to nothing, are all done, and nothing differs', async () => {
    const own = ownTenant()
    others.push(own)
    const wanted = desiredTopology({ tenant: own, partitions: 1 })
    expect(words(await planTopology(admin, wanted))[0]).toEqual(['tenant', own, 'missing'])
    const results = await Promise.all(
      Array.from({ length: 10 }, () => applyTopology(admin, wanted)),
    )
    expect(results.every((result) => 'applied' in result)).toBe(true)
    expect(await planTopology(admin, wanted)).toEqual([])
  })

  test('a plan asks for nothing that a namespace to come would suffer from', async () => {
    const wanted = single(1)
    await planTopology(admin, wanted)
    await applyTopology(admin, wanted)
    await admin.namespaces.unload(wanted.namespaces[0]!.name)
    expect(await planTopology(admin, wanted)).toEqual([])
  })

  test('a subscription that is missing on one partition is found by its role alone, and made', async () => {
    await admin.subscriptions.delete(at('events/users-partition-1'), 'projector')
    const missing = ['subscription', 'events/users', 'no projector on partition-1']
    expect(await problems('projector')).toEqual([missing])
    expect(await problems('notifier')).toEqual([])
    expect(await mended()).toEqual([])
    expect(await problems('projector')).toEqual([])
  })

  test('a partition that is missing is made, with its subscriptions', async () => {
    await admin.topics.delete(at('commands/users-partition-0'), { force: true })
    const missing = ['partitions', 'commands/users', 'without partition-0']
    expect(await problems('command-worker')).toEqual([missing])
    expect(await mended()).toEqual([])
    const { subscriptions } = await admin.topics.stats(at('commands/users-partition-0'))
    expect(Object.keys(subscriptions)).toEqual(['command-worker'])
  })

  test('a topic that is missing is found by who publishes there, and made', async () => {
    await admin.topics.deletePartitioned(at('events/outcomes'), { force: true })
    expect(await problems('relay')).toContainEqual(['topic', 'events/outcomes', 'missing'])
    expect(await problems('command-worker')).toEqual([])
    expect(await mended()).toEqual([])
  })

  test('a schema that is missing is found by who publishes with it, and registered', async () => {
    await admin.schemas.delete(at('events/users'), { force: true })
    await until(async () => (await problems('relay')).length > 0)
    expect(await problems('relay')).toEqual([['schema', 'events/users', 'none']])
    expect(await problems('projector')).toEqual([])
    expect(await mended()).toEqual([])
  })

  test('a policy that somebody has changed is changed back; roles work with it', async () => {
    const namespace = `${tenant}/events`
    await admin.namespaces.setMessageTtl(namespace, 60)
    await admin.namespaces.setDeduplication(namespace, true)
    expect(await plan()).toEqual([
      ['policy', `${tenant}/events`, 'message time to live 60'],
      ['policy', `${tenant}/events`, 'deduplication true'],
    ])
    expect(await problems('relay')).toEqual([])
    expect(await mended()).toEqual([])
  })

  test('a topic gets more partitions once it is drained, and not before', async () => {
    const [few, more] = [single(1), (own: string) => notesTopology(own, 2)]
    await applyTopology(admin, few)
    const [topic] = few.topics
    const wanted = more(few.tenant)
    const refusal = async () => {
      const result = await applyTopology(admin, wanted)
      const [first] = 'refused' in result ? result.refused : []
      return first && 'refused' in first.remedy ? first.remedy.refused : undefined
    }
    const producer = await client.createProducer({ topic: topic!.name })
    await producer.send({ data: Buffer.from('{}') })
    expect(await refusal()).toStartWith('keys would move to other partitions while reader has not')
    await admin.subscriptions.clearBacklog(topic!.name, 'reader')
    expect(await refusal()).toStartWith('keys would move to other partitions while somebody')
    expect(await admin.topics.partitions(topic!.name)).toBe(1)
    await producer.close()
    const consumer = await client.subscribe({ topic: topic!.name, subscription: 'reader' })
    expect(await refusal()).toContain('while reader is connected, and would not read the new ones')
    await consumer.close()
    expect(await applyTopology(admin, wanted)).toHaveProperty('applied')
    expect(await admin.topics.partitions(topic!.name)).toBe(2)
    expect(await planTopology(admin, wanted)).toEqual([])
  })

  test('with anything refused, nothing at all is changed', async () => {
    const wanted = single(1)
    await applyTopology(admin, notesTopology(wanted.tenant, 2))
    await admin.schemas.delete(wanted.topics[0]!.name, { force: true })
    await until(async () => (await planTopology(admin, wanted)).length === 2)
    const result = await applyTopology(admin, wanted)
    expect('refused' in result && words(result.refused)).toEqual([
      ['partitions', 'events/notes', '2 partitions'],
    ])
    expect((await planTopology(admin, wanted)).map(({ kind }) => kind)).toContain('schema')
  })

  test('a topic without partitions, where some are wanted, is left to people', async () => {
    const wanted = single(2)
    await applyTopology(admin, { ...wanted, topics: [] })
    await admin.topics.create(wanted.topics[0]!.name)
    const differences = await planTopology(admin, wanted)
    expect(words(differences)[0]).toEqual(['topic', 'events/notes', 'without partitions'])
    expect(differences.filter(isRefused)).toHaveLength(1)
  })
})
