import { readdirSync, readFileSync } from 'node:fs'
import { embeddedBroker } from '../shared/embedded/broker/embedded-broker.ts'
import { readAll } from '../shared/messaging/contract-suite/traffic.ts'
import type { Publisher } from '../shared/messaging/port.ts'
import { testDatabase } from '../tests/support/postgres.ts'

/** CPU of a message published and consumed in batches: this process and every process of Postgres. */
const messages = 40_000
const concurrent = 200
const topic = 'benchmark'
const ticksPerSecond = 100

const fields = (pid: string) => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
    return { name, rest: stat.slice(stat.lastIndexOf(')') + 2).split(' ') }
  } catch {
    return undefined // It ended while we looked.
  }
}

/** Those that have ended count through their parent. Other Postgres clusters must be idle meanwhile. */
const postgresMicroseconds = (): number =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(fields)
    .filter((found) => found?.name === 'postgres')
    .reduce((sum, found) => sum + Number(found?.rest[11]) + Number(found?.rest[12]), 0) *
  (1_000_000 / ticksPerSecond)

const publishing = async (publisher: Publisher) => {
  let next = 0
  const payload = new TextEncoder().encode(JSON.stringify({ text: 'x'.repeat(300) }))
  const properties = Object.fromEntries(
    ['id', 'type', 'source', 'time', 'subject', 'correlationid'].map((name) => [
      `ce_${name}`,
      `${name}-0197c2f0-0000-7000-8000`,
    ]),
  )
  const one = async () => {
    while (next < messages) {
      const key = `key-${next++ % 1000}`
      await publisher.publish(topic, { key, payload, properties, eventTime: new Date() })
    }
  }
  await Promise.all(Array.from({ length: concurrent }, one))
}

const main = async () => {
  const database = await testDatabase(['broker'])
  const broker = embeddedBroker({ database })
  await broker.ensureTopic(topic, 16)
  const options = { topics: [topic], subscription: 's', type: 'Failover' } as const
  const reading = readAll([await broker.subscribe(options)])
  const [client, server, began] = [process.cpuUsage(), postgresMicroseconds(), performance.now()]
  await publishing(broker.publisher())
  while (reading.received.length < messages) await new Promise((resolve) => setTimeout(resolve, 1))
  const seconds = (performance.now() - began) / 1000
  const used = process.cpuUsage(client)
  const each = (microseconds: number) => (microseconds / messages).toFixed(1)
  console.log(`${Math.round(messages / seconds)} messages/s published and consumed`)
  console.log(`${each(used.user + used.system)} us CPU a message in this process`)
  console.log(`${each(postgresMicroseconds() - server)} us CPU a message in Postgres`)
  await reading.stop()
  await broker.close()
  await database.drop()
}

if (import.meta.main) await main()
