import process from 'node:process'
import { setImmediate as turn } from 'node:timers/promises'
import type { Client } from '../../shared/pulsar/client.ts'
import type { ProducerMessage, ProducerOptions } from '../../shared/pulsar/producer/options.ts'
import type { Producer } from '../../shared/pulsar/producer/producer.ts'
import { percentile } from '../probe.ts'
import { type Batching, keys, type Outcome, payloadBytes, type Task } from './tasks.ts'

type Of<K extends Task['kind']> = Extract<Task, { kind: K }>
export type Worked = Omit<Outcome, 'memoryMiB'>

const data = new Uint8Array(payloadBytes).fill(120)
const unkeyed: ProducerMessage = { data }
const keyed = Array.from({ length: keys }, (_, at) => ({ data, partitionKey: `key-${at}` }))
const messageAt = (batching: Batching, at: number): ProducerMessage =>
  batching === 'default' ? unkeyed : (keyed[at % keys] ?? unkeyed)

const batchings: Readonly<Record<Batching, Partial<ProducerOptions>>> = {
  default: {},
  key: { batchingType: 'KeyBasedBatching' },
  none: { batchingEnabled: false },
}

const openProducer = (client: Client, topic: string, options: Partial<ProducerOptions>) =>
  client.createProducer({ topic, blockIfQueueFull: true, ...options })

/** Rate and CPU of `work`, which answers how many messages it handled. */
const measured = async (work: () => Promise<number>): Promise<Worked> => {
  const [cpu, began] = [process.cpuUsage(), performance.now()]
  const messages = await work()
  const seconds = (performance.now() - began) / 1_000
  const { user, system } = process.cpuUsage(cpu)
  return { perSecond: messages / seconds, cpuMicros: (user + system) / messages }
}

/** As fast as the broker takes it, with a Promise a message and at most 8,000 of them open. */
const flood = async (producer: Producer, batching: Batching, goOn: (sent: number) => boolean) => {
  const burst = 1_000
  const open = 8_000
  let [sent, settled] = [0, 0]
  let resume: (() => void) | undefined
  const onStored = () => {
    settled++
    if (resume && sent - settled <= open / 2) resume()
  }
  const failures: unknown[] = []
  const onFailed = (error: unknown) => void failures.push(error)
  while (goOn(sent) && failures.length === 0) {
    for (let count = 0; count < burst; count++)
      producer.send(messageAt(batching, sent++)).then(onStored, onFailed)
    if (sent - settled > open) await new Promise<void>((resolve) => (resume = resolve))
    else await turn()
  }
  await producer.flush()
  if (failures.length > 0) throw failures[0]
  return sent
}

const during = (seconds: number) => {
  const end = performance.now() + seconds * 1_000
  return () => performance.now() < end
}

export const produce = async (client: Client, task: Of<'produce'>): Promise<Worked> => {
  const producer = await openProducer(client, task.topic, batchings[task.batching])
  await flood(producer, task.batching, during(0.5))
  const worked = await measured(() => flood(producer, task.batching, during(task.seconds)))
  await producer.close()
  return worked
}

export const fill = async (client: Client, task: Of<'fill'>): Promise<Worked> => {
  const producer = await openProducer(client, task.topic, batchings[task.batching])
  const worked = await measured(() => flood(producer, task.batching, (sent) => sent < task.count))
  await producer.close()
  return worked
}

/** Calls `send` so often a second, evenly, making up for ticks that came late. */
const pace = async (rate: number, seconds: number, send: () => void) => {
  const began = performance.now()
  const count = rate * seconds
  for (let sent = 0; sent < count;) {
    const due = Math.min(((performance.now() - began) / 1_000) * rate, count)
    while (sent < due) {
      send()
      sent++
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return count
}

const withLatencies = (worked: Worked, latencies: readonly number[]): Worked => ({
  ...worked,
  p50: percentile(latencies, 0.5),
  p99: percentile(latencies, 0.99),
})

export const paced = async (client: Client, task: Of<'paced'>): Promise<Worked> => {
  const { topic, rate, lingerMs, seconds } = task
  const producer = await openProducer(client, topic, { batchingMaxPublishDelayMs: lingerMs })
  let latencies: number[] = []
  const send = () => {
    const at = performance.now()
    void producer.send(unkeyed).then(() => latencies.push(performance.now() - at))
  }
  await pace(rate, 0.5, send)
  await producer.flush()
  latencies = []
  const worked = await measured(async () => {
    const count = await pace(rate, seconds, send)
    await producer.flush()
    return count
  })
  await producer.close()
  return withLatencies(worked, latencies)
}

export const consume = async (client: Client, task: Of<'consume'>): Promise<Worked> => {
  const { topic, subscription, type: subscriptionType, count } = task
  const consumer = await client.subscribe({ topic, subscription, subscriptionType })
  const worked = await measured(async () => {
    let last: Promise<void> | undefined
    for (let received = 0; received < count; received++)
      last = consumer.acknowledge(await consumer.receive(10_000))
    await last
    return count
  })
  await consumer.close()
  return worked
}

/** Sends and receives in batches, and acknowledges. */
export const through = async (client: Client, task: Of<'through'>): Promise<Worked> => {
  const { topic, rate, seconds } = task
  const options = { topic, subscription: 'through', subscriptionType: 'Shared' } as const
  const consumer = await client.subscribe(options)
  const producer = await openProducer(client, topic, batchings.default)
  const worked = await measured(async () => {
    const count = rate * seconds
    const sending = pace(rate, seconds, () => void producer.send(unkeyed))
    for (let received = 0; received < count; received++)
      void consumer.acknowledge(await consumer.receive(10_000))
    return sending
  })
  await producer.close()
  await consumer.close()
  return worked
}

/** From `send` to `receive`, in one process; the time travels in the message. */
export const endToEnd = async (client: Client, task: Of<'end-to-end'>): Promise<Worked> => {
  const { topic, rate, seconds } = task
  const options = { topic, subscription: 'e2e', subscriptionType: 'KeyShared' } as const
  const consumer = await client.subscribe(options)
  const producer = await openProducer(client, topic, batchings.none)
  const latencies: number[] = []
  const receiving = (async () => {
    for await (const message of consumer) {
      const sentAt = new DataView(message.getData().buffer, message.getData().byteOffset)
      latencies.push(performance.now() - sentAt.getFloat64(0))
      void consumer.acknowledge(message)
    }
  })()
  let sent = 0
  const send = () => {
    const stamped = new Uint8Array(payloadBytes)
    new DataView(stamped.buffer).setFloat64(0, performance.now())
    void producer.send({ data: stamped, partitionKey: `key-${sent++ % keys}` })
  }
  await pace(rate, 0.5, send)
  const warmUp = sent
  const worked = await measured(() => pace(rate, seconds, send))
  while (latencies.length < sent) await turn()
  await producer.close()
  await consumer.close()
  await receiving
  return withLatencies(worked, latencies.slice(warmUp))
}
