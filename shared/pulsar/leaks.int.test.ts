import { expect, test } from 'bun:test'
import { beforePulsar, needsPulsar } from '../../tests/support/needs-pulsar.ts'
import { openTimers } from '../../tests/support/open-timers.ts'
import { realSetUp } from '../../tests/support/pulsar-consumer.ts'
import { testPulsar } from '../../tests/support/pulsar.ts'
import { Client } from './client.ts'

needsPulsar('what a client leaves on a real Pulsar', () => {
  beforePulsar(async () => void (await testPulsar()))

  test('after 10 clients that sent, received and closed, no producer, consumer or timer is left', async () => {
    await using all = await realSetUp()
    const { topic, serviceUrl } = all
    using timers = openTimers()
    for (let cycle = 0; cycle < 10; cycle++) {
      const client = new Client({ serviceUrl })
      const options = { topic, subscription: 's', ackTimeoutMs: 60_000 }
      const consumer = await client.subscribe(options)
      const producer = await client.createProducer({ topic })
      await producer.send({ data: new Uint8Array(10) })
      consumer.negativeAcknowledge(await consumer.receive(15_000))
      await client.close()
    }
    expect(timers.open.size).toBe(0)
    const { publishers, subscriptions } = await all.admin.topics.stats(topic)
    expect(publishers).toEqual([])
    expect(subscriptions['s']?.consumers).toEqual([])
  }, 30_000)
})
