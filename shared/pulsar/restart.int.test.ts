import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { needsOwnPulsar } from '../../tests/support/needs-pulsar.ts'
import { ownPulsar, pulsarStartMs } from '../../tests/support/pulsar.ts'
import { until } from '../../tests/support/until.ts'
import type { StandalonePulsar } from '../embedded/pulsar/launcher.ts'
import { type PulsarAdmin, pulsarAdmin } from './admin/admin.ts'
import { Client } from './client.ts'
import type { Consumer } from './consumer/consumer.ts'
import { bytesOf, numbers, storedTexts } from './testing/real-setup.ts'

const keys = 8

/** What went through `topic`, under a load that goes on until it is told to stop. */
const underLoad = async (client: Client, topic: string) => {
  const consumer = await client.subscribe({
    topic,
    subscription: 's',
    subscriptionType: 'Failover',
  })
  const producer = await client.createProducer({ topic, sendTimeoutMs: 0 })
  const received = receiving(consumer)
  const sent: Promise<unknown>[] = []
  let lastAck = 0
  const timer = setInterval(() => {
    for (let count = 0; count < 4; count++) {
      const at = sent.length
      const message = { data: bytesOf(String(at)), partitionKey: String(at % keys) }
      sent.push(producer.send(message).then(() => (lastAck = performance.now())))
    }
  }, 10)
  return {
    isConnected: () => producer.isConnected(),
    acknowledgedSince: (time: number) => until(() => lastAck > time, 60_000),
    /** Stops; resolves with how many there were, when all are stored and received. */
    end: async () => {
      clearInterval(timer)
      await Promise.all(sent)
      await until(() => received.size === sent.length, 30_000)
      return { count: sent.length, received: [...received] }
    },
  }
}

/** Everything the consumer gets, in the order in which it came first. */
const receiving = (consumer: Consumer) => {
  const received = new Set<number>()
  const receive = async () => {
    for await (const message of consumer) {
      received.add(Number(new TextDecoder().decode(message.getData())))
      // What cannot be acknowledged any more comes again.
      consumer.acknowledge(message).catch(() => undefined)
    }
  }
  void receive()
  return received
}

const ofKey = (all: readonly number[], key: number) => all.filter((at) => at % keys === key)

needsOwnPulsar('a broker that goes and comes back', () => {
  const home = mkdtempSync(join(tmpdir(), 'aero-restarted-pulsar-'))
  let pulsar: StandalonePulsar
  let admin: PulsarAdmin

  beforeAll(async () => {
    pulsar = await ownPulsar(home, { discard: false })
    admin = pulsarAdmin({ url: pulsar.adminUrl })
    await admin.namespaces.setDeduplication('public/default', true)
  }, pulsarStartMs)

  afterAll(async () => {
    await pulsar?.stop()
    rmSync(home, { recursive: true, force: true })
  }, 60_000)

  /** Killed, and started again at the same address. Resolves when it is healthy. */
  const restart = async () => {
    const { port } = new URL(pulsar.url)
    const { port: webPort } = new URL(pulsar.adminUrl)
    process.kill(pulsar.pid, 'SIGKILL')
    await until(() => !pulsar.isRunning())
    const where = { port: Number(port), webPort: Number(webPort) }
    pulsar = await ownPulsar(home, { discard: false, ...where })
  }

  /** Neither lost, nor doubled, nor out of the order of its key, at the broker and at the consumer. */
  const expectAll = async (
    client: Client,
    topic: string,
    end: { count: number; received: number[] },
  ) => {
    const stored = (await storedTexts(client, topic)).map(Number)
    for (const key of numbers(keys)) {
      const sent = ofKey(numbers(end.count), key)
      expect(ofKey(stored, key)).toEqual(sent)
      expect(ofKey(end.received, key)).toEqual(sent)
    }
  }

  test('killed under load it loses, doubles and swaps nothing, and work goes on', async () => {
    const topic = 'persistent://public/default/killed'
    await admin.topics.createPartitioned(topic, 2)
    await using client = new Client({ serviceUrl: pulsar.url })
    const load = await underLoad(client, topic)
    await load.acknowledgedSince(0)
    await restart()
    const healthy = performance.now()
    await load.acknowledgedSince(healthy)
    console.log(
      `resumed ${(performance.now() - healthy).toFixed(0)} ms after the broker was healthy`,
    )
    await expectAll(client, topic, await load.end())
  }, 180_000)

  test('frozen it is given up, and back again it has lost, doubled and swapped nothing', async () => {
    const topic = 'persistent://public/default/frozen'
    await admin.topics.createPartitioned(topic, 2)
    await using client = new Client({ serviceUrl: pulsar.url, keepAliveIntervalSeconds: 0.2 })
    const load = await underLoad(client, topic)
    await load.acknowledgedSince(0)
    process.kill(pulsar.pid, 'SIGSTOP')
    await until(() => !load.isConnected())
    process.kill(pulsar.pid, 'SIGCONT')
    await load.acknowledgedSince(performance.now())
    await expectAll(client, topic, await load.end())
  }, 60_000)
})
