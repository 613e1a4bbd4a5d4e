import { expect, test } from 'bun:test'
import { beforePulsar, needsPulsar } from '../../../tests/support/needs-pulsar.ts'
import { realSetUp, textOf } from '../../../tests/support/pulsar-consumer.ts'
import { testPulsar } from '../../../tests/support/pulsar.ts'
import { until } from '../../../tests/support/until.ts'
import { Client } from '../client.ts'
import { cuttingProxy } from '../testing/cutting-proxy.ts'
import { bytesOf, numbers } from '../testing/real-setup.ts'
import type { Consumer } from './consumer.ts'
import type { ConsumerOptions } from './options.ts'

const count = 1_000

/** Refuses every 20th delivery, forgets every 50th, and acknowledges the others. */
const work = async (consumer: Consumer, seen: Set<string>): Promise<void> => {
  let deliveries = 0
  for await (const message of consumer) {
    seen.add(textOf(message))
    deliveries++
    if (deliveries % 20 === 0) consumer.negativeAcknowledge(message)
    else if (deliveries % 50 === 1) continue
    // What is refused here comes again: its connection has ended.
    else consumer.acknowledge(message).catch(() => undefined)
  }
}

needsPulsar('consumers in turmoil on a real Pulsar', () => {
  beforePulsar(async () => void (await testPulsar()))

  const variants: readonly Partial<ConsumerOptions>[] = [
    { subscriptionType: 'Shared', batchIndexAckEnabled: true },
    { subscriptionType: 'KeyShared', ackReceiptEnabled: false },
    { subscriptionType: 'Failover', batchIndexAckEnabled: true, ackReceiptEnabled: false },
  ]
  for (const variant of variants)
    test(`refusals, time-outs, cuts and moves leave nothing behind on ${variant.subscriptionType}`, async () => {
      await using all = await realSetUp()
      await all.admin.topics.createPartitioned(all.topic, 2)
      await using proxy = await cuttingProxy(all.serviceUrl)
      await using cut = new Client({ serviceUrl: proxy.url })
      const options = {
        topic: all.topic,
        subscription: 's',
        receiverQueueSize: 20,
        nAckRedeliverTimeoutMs: 20,
        ackTimeoutMs: 200,
        ...variant,
      }
      const consumers = await Promise.all(
        [cut, cut, all.client].map((one) => one.subscribe(options)),
      )
      const seen = new Set<string>()
      const working = consumers.map((consumer) => work(consumer, seen))
      const producer = await all.client.createProducer({
        topic: all.topic,
        batchingType:
          variant.subscriptionType === 'KeyShared' ? 'KeyBasedBatching' : 'DefaultBatching',
        batchingMaxMessages: 7,
      })
      await Promise.all(
        numbers(count).map((at) =>
          producer.send({ data: bytesOf(String(at)), partitionKey: `k${at % 20}` }),
        ),
      )
      for (const share of [4, 2]) {
        await until(() => seen.size >= count / share)
        proxy.cut()
        await all.admin.topics.unload(all.topic)
      }
      await until(async () => {
        const { subscriptions } = await all.admin.topics.partitionedStats(all.topic)
        return subscriptions['s']?.msgBacklog === 0
      }, 20_000)
      expect(seen.size).toBe(count)
      await Promise.all(consumers.map((consumer) => consumer.close()))
      await Promise.all(working)
    }, 40_000)
})
