import { expect, test } from 'bun:test'
import { beforePulsar, needsPulsar } from '../../tests/support/needs-pulsar.ts'
import { testPulsar } from '../../tests/support/pulsar.ts'
import { newNamespace } from '../../tests/support/pulsar-admin.ts'
import { until } from '../../tests/support/until.ts'
import { type PulsarAdmin, pulsarAdmin } from './admin/admin.ts'
import { Client } from './client.ts'
import { earliest } from './message-id.ts'
import { bytesOf, numbers, storedTexts } from './testing/real-setup.ts'

const textOf = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes)

needsPulsar('a table view on a real Pulsar', () => {
  let admin: PulsarAdmin
  let serviceUrl: string

  beforePulsar(async () => {
    const pulsar = await testPulsar()
    serviceUrl = pulsar.url
    admin = pulsarAdmin({ url: pulsar.adminUrl })
  })

  test('holds the last value of every key of all partitions, and follows what comes', async () => {
    await using client = new Client({ serviceUrl })
    const topic = `persistent://${await newNamespace(admin)}/t`
    await admin.topics.createPartitioned(topic, 2)
    const producer = await client.createProducer({ topic })
    const put = (partitionKey: string | undefined, text: string) =>
      producer.send({ partitionKey, data: bytesOf(text) })
    await Promise.all(numbers(60).map((at) => put(`k${at % 6}`, String(at))))
    await put(undefined, 'no key')
    await put('k5', '')
    const view = await client.createTableView({ topic })
    expect([...view.keys()].toSorted()).toEqual(['k0', 'k1', 'k2', 'k3', 'k4'])
    expect([textOf(view.get('k0')), textOf(view.get('k4')), view.size]).toEqual(['54', '58', 5])

    const heard: string[] = []
    const stop = view.forEachAndListen((key, value) => heard.push(`${key}=${textOf(value)}`))
    expect(heard.toSorted()).toEqual(['k0=54', 'k1=55', 'k2=56', 'k3=57', 'k4=58'])
    await put('k0', 'new')
    await put('k1', '')
    await view.refresh()
    expect([textOf(view.get('k0')), view.containsKey('k1')]).toEqual(['new', false])
    expect(heard.slice(5).toSorted()).toEqual(['k0=new', 'k1=undefined'])
    stop()
    await put('k0', 'unheard')
    await view.refresh()
    expect(heard).toHaveLength(7)
    await view.close()
    await expect(view.refresh()).rejects.toMatchObject({ code: 'closed' })
    expect(textOf(view.get('k0'))).toBe('unheard')
  })

  test('reads what compaction has left, and what came after it', async () => {
    await using client = new Client({ serviceUrl })
    const topic = `persistent://${await newNamespace(admin)}/t`
    const producer = await client.createProducer({ topic, batchingMaxMessages: 7 })
    const put = (partitionKey: string, text: string) =>
      producer.send({ partitionKey, data: bytesOf(text) })
    await Promise.all(numbers(40).map((at) => put(`k${at % 4}`, String(at))))
    await admin.topics.compact(topic)
    const compacted = async () => {
      const reader = await client.createReader({
        topic,
        startMessageId: earliest,
        readCompacted: true,
      })
      const texts: string[] = []
      while (await reader.hasNext())
        texts.push(new TextDecoder().decode((await reader.readNext(10_000)).getData()))
      await reader.close()
      return texts
    }
    const left = await until(async () => {
      const texts = await compacted()
      return texts.length < 40 && texts
    }, 20_000)
    expect(left).toEqual(['36', '37', '38', '39'])
    expect(await storedTexts(client, topic)).toHaveLength(40)
    await put('k9', 'later')
    const view = await client.createTableView({ topic })
    const rows = [...view.entries()].map(([key, value]) => [key, textOf(value)])
    expect(rows).toEqual([
      ['k0', '36'],
      ['k1', '37'],
      ['k2', '38'],
      ['k3', '39'],
      ['k9', 'later'],
    ])
  })
})
