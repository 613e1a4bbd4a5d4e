import { beforeAll, expect, test } from 'bun:test'
import { needsPulsar } from '../../tests/support/needs-pulsar.ts'
import { pulsarStartMs, type TestPulsar, testPulsar } from '../../tests/support/pulsar.ts'
import { newNamespace } from '../../tests/support/pulsar-admin.ts'
import { pulsarAdmin } from './admin/admin.ts'
import { Client } from './client.ts'
import { latest } from './message-id.ts'
import { cuttingProxy } from './testing/cutting-proxy.ts'
import { bytesOf, numbers, storedTexts } from './testing/real-setup.ts'

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

needsPulsar('connections that are cut', () => {
  let pulsar: TestPulsar

  beforeAll(async () => {
    pulsar = await testPulsar()
  }, pulsarStartMs)

  const topicOf = async (deduplicates: boolean) => {
    const admin = pulsarAdmin({ url: pulsar.adminUrl })
    const namespace = await newNamespace(admin)
    await admin.namespaces.setDeduplication(namespace, deduplicates)
    return `persistent://${namespace}/t`
  }
  const topicWithDeduplication = () => topicOf(true)

  /** What is stored of 5,000 messages, sent while the connection is cut ten times. */
  const storedInSpiteOfCuts = async (topic: string) => {
    await using proxy = await cuttingProxy(pulsar.url)
    const client = new Client({ serviceUrl: proxy.url })
    const producer = await client.createProducer({ topic, batchingMaxMessages: 20 })
    const sent: Promise<unknown>[] = []
    for (const at of numbers(5_000)) {
      sent.push(producer.send({ data: bytesOf(String(at)) }))
      if (at % 20 === 0) await nextTurn()
      if (at % 500 === 250) {
        await Promise.race(sent.slice(-40))
        proxy.cut()
      }
    }
    await Promise.all(sent)
    const stored = await storedTexts(client, topic)
    await client.close()
    return stored
  }

  test('ten cuts while sending lose, double and swap nothing where the broker deduplicates', async () => {
    const stored = await storedInSpiteOfCuts(await topicWithDeduplication())
    expect(stored).toEqual(numbers(5_000).map(String))
  }, 60_000)

  test('where it does not, some come twice, but none is lost and the first copies keep their order', async () => {
    const stored = await storedInSpiteOfCuts(await topicOf(false))
    expect([...new Set(stored)]).toEqual(numbers(5_000).map(String))
  }, 60_000)

  test('cuts while consuming deliver everything in order, and nothing that was acknowledged again', async () => {
    const topic = await topicWithDeduplication()
    await using proxy = await cuttingProxy(pulsar.url)
    const direct = new Client({ serviceUrl: pulsar.url })
    const client = new Client({ serviceUrl: proxy.url })
    const consumer = await client.subscribe({ topic, subscription: 's', receiverQueueSize: 50 })
    const producer = await direct.createProducer({ topic, batchingEnabled: false })
    await Promise.all(numbers(600).map((at) => producer.send({ data: bytesOf(String(at)) })))
    const received: number[] = []
    const acknowledged = new Set<number>()
    const cuts = new Set([150, 350, 550])
    while (new Set(received).size < 600) {
      const message = await consumer.receive(20_000)
      const number = Number(new TextDecoder().decode(message.getData()))
      expect(acknowledged.has(number)).toBe(false)
      received.push(number)
      const acknowledging = consumer.acknowledge(message)
      if (cuts.delete(number)) proxy.cut()
      const failure = await acknowledging.catch((error: unknown) => error)
      if (failure) expect(failure).toMatchObject({ retriable: true })
      else acknowledged.add(number)
    }
    expect([...new Set(received)]).toEqual(numbers(600))
    expect(acknowledged.size).toBeGreaterThan(590)
    await Promise.all([client.close(), direct.close()])
  }, 60_000)

  test('a reader at the end reads only what comes later', async () => {
    const topic = await topicWithDeduplication()
    const client = new Client({ serviceUrl: pulsar.url })
    const producer = await client.createProducer({ topic })
    await producer.send({ data: bytesOf('before') })
    const reader = await client.createReader({ topic, startMessageId: latest })
    await producer.send({ data: bytesOf('after') })
    const message = await reader.readNext(10_000)
    expect(new TextDecoder().decode(message.getData())).toBe('after')
    await client.close()
  })
})
