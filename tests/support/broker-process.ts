import { embeddedBroker } from '../../shared/embedded/broker/embedded-broker.ts'
import type { ProcessJob } from '../../shared/messaging/contract-suite/contract.ts'
import { publishAll, textOf, texts } from '../../shared/messaging/contract-suite/traffic.ts'
import type { Broker } from '../../shared/messaging/port.ts'
import { pulsarBroker } from '../../shared/messaging/pulsar/pulsar-broker.ts'
import type { ProcessBroker } from './client-process.ts'

const connect = (to: ProcessBroker): Broker => {
  if ('database' in to) return embeddedBroker({ database: { url: to.database } })
  const { url: serviceUrl, adminUrl, keyShared } = to.pulsar
  return pulsarBroker({ serviceUrl, adminUrl, tenant: 'aeroalpes', keyShared: () => keyShared })
}

/** A process of its own for the contract suite: `broker-process.ts <broker as JSON> <job as JSON>`. */
const main = async ([to = '{}', job = '{}']: readonly string[]) => {
  const wanted = JSON.parse(job) as ProcessJob
  const broker = connect(JSON.parse(to) as ProcessBroker)
  if (wanted.does === 'publish') {
    for (let sent = 0; sent < wanted.count; sent += 50)
      await publishAll(
        broker.publisher(),
        wanted.topic,
        texts(wanted.count, wanted.name).slice(sent, sent + 50),
      )
    return broker.close()
  }
  const { topic, subscription, type } = wanted
  const consumer = await broker.subscribe({ topics: [topic], subscription, type })
  process.stdin.on('end', () => void broker.close())
  process.stdin.resume()
  console.log('ready')
  for (;;) {
    const messages = await consumer.receive(20)
    if (messages.length === 0) return
    await consumer.acknowledge(messages)
    for (const message of messages) console.log(textOf(message))
  }
}

if (import.meta.main) await main(process.argv.slice(2))
