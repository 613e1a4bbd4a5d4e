import { parseArgs } from 'node:util'
import { stockEvents } from '../shared/contracts/inventory.ts'
import { embeddedBroker } from '../shared/embedded/broker/embedded-broker.ts'
import { toMessage } from '../shared/messaging/envelope.ts'
import type { Broker } from '../shared/messaging/port.ts'
import { openDatabase } from '../shared/postgres/database.ts'
import { projectionsOf } from '../query/projection/projections.ts'
import { readPage } from '../query/rebuild/event-log.ts'
import { rebuildFromTopics } from '../query/rebuild/rebuild-from-topics.ts'
import { rebuild } from '../query/rebuild/rebuild.ts'
import { allStreams } from '../query/streams.ts'
import { cpuSeconds } from './probe.ts'
import { userVault } from '../shared/vault/user-keys.ts'
import { testDatabase } from '../tests/support/postgres.ts'

/**
 * Events a second of rebuilding a simple view from the log, or from its topic on the embedded broker:
 * from an empty start to the swapped table.
 */
const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '600000' },
    each: { type: 'string', default: '20' },
    'from-topic': { type: 'boolean', default: false },
  },
})
const [events, each] = [Number(values.events), Number(values.each)]
const home = await testDatabase()
const database = openDatabase(home.url, { name: 'bench', statementTimeoutMs: 600_000 })
await database.query(
  `INSERT INTO uow.event
   SELECT 'stock', id::text, n, gen_random_uuid(), 'aeroalpes.inventory.StockLevelChanged.v1',
     json_build_object('product_id', id, 'sku', 'sku-' || id, 'on_hand', 1000, 'held', n),
     now(), 'c', 'c', 'c', NULL
   FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, $1::integer)) ids,
     generate_series(1, $2::integer) AS n`,
  [Math.ceil(events / each), each],
)
await database.query('VACUUM ANALYZE uow.event')
const projection = projectionsOf(allStreams(userVault(database, ''))).find(
  ({ name }) => name === 'stock_levels',
)
if (!projection) throw new Error('there is no such projection')

/** Puts the whole log into the topic, aggregate by aggregate. */
const publishAll = async (broker: Broker) => {
  const { topic } = stockEvents.StockLevelChanged
  await broker.ensureTopic(topic, 16)
  const publisher = broker.publisher()
  for (let place = { module: 'stock', stream_id: '', version: 0 }; ;) {
    const page = await readPage(database, place, 5000)
    const last = page.at(-1)
    if (!last) break
    await Promise.all(page.map((envelope) => publisher.publish(topic, toMessage(envelope))))
    place = { ...place, stream_id: last.subject, version: last.sequence ?? 0 }
  }
  return broker
}
const broker = values['from-topic'] ? await publishAll(embeddedBroker({ database })) : undefined
const rebuildOnce = () =>
  broker
    ? rebuildFromTopics(projection, { broker, read: database })
    : rebuild(projection, { log: database, read: database })

for (const round of ['warm-up', 'measured', 'measured']) {
  const [cpu, started] = [process.cpuUsage(), performance.now()]
  const tree = cpuSeconds(process.pid)
  const { events: read } = await rebuildOnce()
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const [{ rows } = { rows: 0 }] = await database.query<{ rows: number }>(
    'SELECT count(*)::float8 AS rows FROM read.stock_levels WHERE version = $1::integer',
    [each],
  )
  if (rows * each !== events) throw new Error(`${rows} rows are complete`)
  console.log(
    round.padEnd(9),
    `${read} events in ${seconds.toFixed(1)} s: ${Math.round(read / seconds)}/s,`,
    `${((user + system) / read).toFixed(1)} us of our CPU each,`,
    `${(((cpuSeconds(process.pid) - tree) * 1e6 - user - system) / read).toFixed(1)} us of Postgres`,
  )
}
await broker?.close()
await database.close()
await home.drop()
