import { beforeAll, expect, test } from 'bun:test'
import { needsPulsar } from '../../../tests/support/needs-pulsar.ts'
import { pulsarStartMs, testPulsar } from '../../../tests/support/pulsar.ts'
import { newNamespace } from '../../../tests/support/pulsar-admin.ts'
import { type PulsarAdmin, pulsarAdmin } from '../admin/admin.ts'
import { Client } from '../client.ts'
import { bytesOf, publishersOf } from '../testing/real-setup.ts'

needsPulsar('connections to a real Pulsar', () => {
  let admin: PulsarAdmin
  let serviceUrl: string
  let namespace: string

  beforeAll(async () => {
    const pulsar = await testPulsar()
    serviceUrl = pulsar.url
    admin = pulsarAdmin({ url: pulsar.adminUrl })
    namespace = await newNamespace(admin)
  }, pulsarStartMs)

  test('where the first of several hosts is gone, the next one serves', async () => {
    const { host } = new URL(serviceUrl)
    await using client = new Client({ serviceUrl: `pulsar://127.0.0.1:1,${host}` })
    const producer = await client.createProducer({ topic: `${namespace}/hosts` })
    expect((await producer.send({ data: bytesOf('m') })).duplicate).toBe(false)
  })

  test('all producers and consumers of a client share one connection to their broker', async () => {
    const topic = `persistent://${namespace}/shared`
    await admin.topics.createPartitioned(topic, 3)
    await using client = new Client({ serviceUrl })
    await client.subscribe({ topic, subscription: 's' })
    await Promise.all([1, 2].map(() => client.createProducer({ topic })))
    const parts = await client.getPartitionsForTopic(topic)
    const addresses = await Promise.all(
      parts.map(async (part) => {
        const { subscriptions } = await admin.topics.stats(part)
        const everybody = [
          ...(await publishersOf(admin, part)),
          ...(subscriptions['s']?.consumers ?? []),
        ]
        return everybody.map(({ address }) => address)
      }),
    )
    expect(addresses.flat()).toHaveLength(9)
    expect(new Set(addresses.flat()).size).toBe(1)
  })

  test('topics that are not there, not named well or ended are errors that say so', async () => {
    await using client = new Client({ serviceUrl })
    const create = (topic: string) => client.createProducer({ topic })
    const final = (code: string) => ({ code, retriable: false })
    await expect(create('public/no-such-namespace/t')).rejects.toMatchObject(
      final('topic-not-found'),
    )
    await expect(create('public//t')).rejects.toMatchObject(final('invalid-topic-name'))
    const topic = `persistent://${namespace}/ended`
    const producer = await create(topic)
    await producer.send({ data: bytesOf('last') })
    await admin.topics.terminate(topic)
    await expect(producer.send({ data: bytesOf('late') })).rejects.toMatchObject(
      final('topic-terminated'),
    )
    await expect(create(topic)).rejects.toMatchObject(final('topic-terminated'))
  })

  test('a broker that cannot be reached is an error that may be tried again', async () => {
    await using client = new Client({
      serviceUrl: 'pulsar://127.0.0.1:1',
      operationTimeoutSeconds: 0.2,
    })
    await expect(client.createProducer({ topic: 't' })).rejects.toMatchObject({
      code: 'connection',
      retriable: true,
    })
  })
})
