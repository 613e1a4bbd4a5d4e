import { expect, test } from 'bun:test'
import { beforePulsar, needsPulsar } from '../../../tests/support/needs-pulsar.ts'
import { testPulsar } from '../../../tests/support/pulsar.ts'
import { earliest, latest, type MessageId } from '../message-id.ts'
import { realSetUp, textOf } from '../../../tests/support/pulsar-consumer.ts'
import { bytesOf, numbers } from '../testing/real-setup.ts'
import type { Reader } from './reader.ts'

const texts = (count: number) => numbers(count).map(String)

/** All that is there. */
const rest = async (reader: Reader): Promise<readonly string[]> => {
  const seen: string[] = []
  while (await reader.hasNext()) seen.push(textOf(await reader.readNext(10_000)))
  return seen
}

needsPulsar('readers on a real Pulsar', () => {
  beforePulsar(async () => void (await testPulsar()))

  test('a reader begins at a message within a batch, with it or behind it', async () => {
    await using all = await realSetUp()
    const producer = await all.client.createProducer({ topic: all.topic, batchingMaxMessages: 4 })
    const sent = await Promise.all(texts(12).map((text) => producer.send({ data: bytesOf(text) })))
    const from = async (startMessageId: MessageId, startMessageIdInclusive: boolean) => {
      const options = { topic: all.topic, startMessageId, startMessageIdInclusive }
      await using reader = await all.client.createReader(options)
      return await rest(reader)
    }
    expect(await from(earliest, false)).toEqual(texts(12))
    expect(await from(sent[5]!.messageId, true)).toEqual(texts(12).slice(5))
    expect(await from(sent[5]!.messageId, false)).toEqual(texts(12).slice(6))
    expect(await from(sent[11]!.messageId, false)).toEqual([])
    // The id of an entry means all its messages.
    const entry = { ...sent[5]!.messageId, batchIndex: -1, batchSize: 0 }
    expect(await from(entry, true)).toEqual(texts(12).slice(4))
    expect(await from(entry, false)).toEqual(texts(12).slice(8))
    expect(await from(latest, false)).toEqual([])
    expect(await from(latest, true)).toEqual(['11'])
  })

  test('a reader at the end misses nothing while it has read nothing and its topic moves', async () => {
    await using all = await realSetUp()
    await all.publish(['before'])
    const reader = await all.client.createReader({ topic: all.topic, startMessageId: latest })
    expect(await reader.hasNext()).toBe(false)
    await all.admin.topics.unload(all.topic)
    await all.publish(['while away'])
    expect(textOf(await reader.readNext(10_000))).toBe('while away')
    expect(await reader.hasNext()).toBe(false)
  }, 20_000)

  test('a reader within a batch goes on there, neither repeating nor losing, when its topic moves', async () => {
    await using all = await realSetUp()
    await all.publish(texts(10))
    const reader = await all.client.createReader({ topic: all.topic, startMessageId: earliest })
    const seen = [textOf(await reader.readNext(10_000)), textOf(await reader.readNext(10_000))]
    await all.admin.topics.unload(all.topic)
    await all.publish(['10'])
    while (seen.length < 11) seen.push(textOf(await reader.readNext(10_000)))
    expect(seen).toEqual(texts(11))
  }, 20_000)

  test('a reader of an empty topic reads from its first message on', async () => {
    await using all = await realSetUp()
    const reader = await all.client.createReader({ topic: all.topic, startMessageId: latest })
    expect(await reader.hasNext()).toBe(false)
    await all.admin.topics.unload(all.topic)
    await all.publish(['first'])
    expect(textOf(await reader.readNext(10_000))).toBe('first')
  }, 20_000)

  test('a reader of all partitions reads each to its end, and takes no id of one', async () => {
    await using all = await realSetUp()
    await all.admin.topics.createPartitioned(all.topic, 3)
    await all.publish(texts(20), { batchingEnabled: false })
    const options = { topic: all.topic, startMessageId: earliest }
    await using reader = await all.client.createReader(options)
    expect((await rest(reader)).toSorted()).toEqual(texts(20).toSorted())
    for (const partition of ['2', '0']) {
      await all.publish([partition], { topic: `${all.topic}-partition-${partition}` })
      expect(await rest(reader)).toEqual([partition])
    }
    const id = { ...earliest, ledgerId: 1, entryId: 1 }
    await expect(all.client.createReader({ ...options, startMessageId: id })).rejects.toMatchObject(
      { code: 'invalid-argument' },
    )
  })

  test('a reader goes back and forth by id and by time', async () => {
    await using all = await realSetUp()
    const producer = await all.client.createProducer({ topic: all.topic, batchingMaxMessages: 3 })
    const sent = await Promise.all(texts(6).map((text) => producer.send({ data: bytesOf(text) })))
    const reader = await all.client.createReader({ topic: all.topic, startMessageId: earliest })
    const first = await reader.readNext(10_000)
    expect(await rest(reader)).toEqual(texts(6).slice(1))
    await reader.seek(sent[4]!.messageId)
    expect(await rest(reader)).toEqual(['4', '5'])
    await reader.seek(first)
    expect(await rest(reader)).toEqual(texts(6))
    await new Promise((resolve) => setTimeout(resolve, 2))
    const later = Date.now()
    await producer.send({ data: bytesOf('6') })
    await reader.seekTimestamp(later)
    // Before it has read anything from there the topic moves: it must not begin anew.
    await all.admin.topics.unload(all.topic)
    expect(textOf(await reader.readNext(10_000))).toBe('6')
    await reader.seekTimestamp(0)
    expect(await rest(reader)).toEqual(texts(7))
    await reader.seekTimestamp(Date.now() + 1000)
    expect(await rest(reader)).toEqual([])
    await reader.seek(latest)
    expect(await rest(reader)).toEqual([])
    await producer.send({ data: bytesOf('7') })
    expect(textOf(await reader.readNext(10_000))).toBe('7')
  }, 20_000)

  test('a reader at a time since when nothing came knows so, and waits there, also when its topic moves', async () => {
    await using all = await realSetUp()
    await all.publish(['long ago'])
    const reader = await all.client.createReader({ topic: all.topic, startMessageId: latest })
    await reader.seekTimestamp(Date.now() + 1)
    await all.admin.topics.unload(all.topic)
    await reader.readNext(100).catch(() => undefined)
    expect(await reader.hasNext()).toBe(false)
    await new Promise((resolve) => setTimeout(resolve, 2))
    await all.publish(['since'])
    expect(await rest(reader)).toEqual(['since'])
  }, 20_000)

  test('a listener of a reader gets what there is and what comes, and a reader can be iterated', async () => {
    await using all = await realSetUp()
    await all.publish(['a'])
    const heard: string[] = []
    const both = Promise.withResolvers<void>()
    await all.client.createReader({
      topic: all.topic,
      startMessageId: earliest,
      listener: (message) => {
        heard.push(textOf(message))
        if (heard.length === 2) both.resolve()
      },
    })
    await all.publish(['b'])
    await both.promise
    const reader = await all.client.createReader({ topic: all.topic, startMessageId: earliest })
    const seen: string[] = []
    for await (const message of reader) {
      seen.push(textOf(message))
      if (seen.length === 2) await reader.close()
    }
    expect([heard, seen]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
  })
})
