import { embeddedBroker } from '../../shared/embedded/broker/embedded-broker.ts'
import type { ProcessJob } from '../../shared/messaging/contract-suite/contract.ts'
import { publishAll, textOf, texts } from '../../shared/messaging/contract-suite/traffic.ts'

/** A process of its own for the contract suite: `broker-process.ts <database url> <job as JSON>`. */
const main = async ([url = '', job = '{}']: readonly string[]) => {
  const wanted = JSON.parse(job) as ProcessJob
  const broker = embeddedBroker({ database: { url } })
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
