import { Buffer } from 'node:buffer'
import { argv } from 'node:process'
import { Client, type ClientOptions } from '../../shared/pulsar/client.ts'
import { PulsarError } from '../../shared/pulsar/errors.ts'
import { earliest } from '../../shared/pulsar/message-id.ts'
import { cuttingProxy } from '../../shared/pulsar/testing/cutting-proxy.ts'

/** What the test tells this program, which runs on every runtime, and what it answers. */
export interface Smoke {
  readonly serviceUrl: string
  /** A namespace of its own, which deduplicates. */
  readonly namespace: string
  /** Servers that speak TLS but not Pulsar, with certificates of `authority` for localhost and another. */
  readonly tlsPorts: readonly number[]
  readonly authority: string
}

export interface SmokeAnswer {
  readonly compressed: readonly string[]
  readonly chunked: boolean
  readonly afterCuts: readonly number[]
  readonly tls: readonly string[]
}

const bytesOf = (text: string) => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const codecs = ['None', 'LZ4', 'Zlib', 'ZSTD', 'SNAPPY'] as const

const compressed = async (client: Client, topic: string) => {
  const consumer = await client.subscribe({ topic, subscription: 's', subscriptionType: 'Shared' })
  const texts: string[] = []
  for (const compressionType of codecs) {
    const producer = await client.createProducer({ topic, compressionType })
    const data = bytesOf(compressionType.repeat(50))
    await Promise.all([1, 2].map(() => producer.send({ data, partitionKey: 'k' })))
    for (let count = 0; count < 2; count++) {
      const message = await consumer.receive(10_000)
      await consumer.acknowledge(message)
      texts.push(textOf(message.getData()).slice(0, compressionType.length))
    }
  }
  return texts
}

const chunked = async (client: Client, topic: string) => {
  const options = { topic, batchingEnabled: false, chunkingEnabled: true }
  const data = Uint8Array.from({ length: 6_000_000 }, (_, at) => at * 7)
  const consumer = await client.subscribe({ topic, subscription: 's' })
  await (await client.createProducer(options)).send({ data })
  return Buffer.from((await consumer.receive(20_000)).getData()).equals(data)
}

const afterCuts = async (serviceUrl: string, topic: string) => {
  const proxy = await cuttingProxy(serviceUrl)
  const client = new Client({ serviceUrl: proxy.url })
  const producer = await client.createProducer({ topic })
  const sent: Promise<unknown>[] = []
  for (let at = 0; at < 300; at++) {
    sent.push(producer.send({ data: bytesOf(String(at)) }))
    if (at % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
    if (at % 100 === 50) proxy.cut()
  }
  await Promise.all(sent)
  const reader = await client.createReader({ topic, startMessageId: earliest })
  const stored: number[] = []
  while (await reader.hasNext())
    stored.push(Number(textOf((await reader.readNext(10_000)).getData())))
  await client.close()
  await proxy[Symbol.asyncDispose]()
  return stored
}

/** What comes of dialling: `protocol` where the server was trusted, as it speaks another one. */
const dialled = async (serviceUrl: string, options: Partial<ClientOptions>) => {
  const client = new Client({ serviceUrl, operationTimeoutSeconds: 10, ...options })
  try {
    await client.getPartitionsForTopic('t')
    return 'answered'
  } catch (thrown) {
    return thrown instanceof PulsarError ? thrown.code : String(thrown)
  } finally {
    await client.close()
  }
}

const tls = async ({ tlsPorts, authority }: Smoke) => {
  const trusting = { tlsTrustCerts: authority }
  const [named, other] = tlsPorts.map((port) => `pulsar+ssl://localhost:${port}`)
  return [
    await dialled(`${named}`, trusting),
    await dialled(`${named}`, {}),
    await dialled(`${other}`, trusting),
    await dialled(`${other}`, { ...trusting, tlsValidateHostname: false }),
    await dialled(`${other}`, { tlsAllowInsecureConnection: true }),
  ]
}

const answer = async (smoke: Smoke): Promise<SmokeAnswer> => {
  const { serviceUrl, namespace } = smoke
  const client = new Client({ serviceUrl })
  const said = {
    compressed: await compressed(client, `${namespace}/compressed`),
    chunked: await chunked(client, `${namespace}/chunked`),
    afterCuts: await afterCuts(serviceUrl, `${namespace}/cut`),
    tls: await tls(smoke),
  }
  await client.close()
  return said
}

// Neither `import.meta.main` nor `await using` are known to Node 22.
const [, program = '', told] = argv
if (told && program.endsWith('pulsar-smoke.ts'))
  // oxlint-disable-next-line no-console
  console.log(JSON.stringify(await answer(JSON.parse(told) as Smoke)))
