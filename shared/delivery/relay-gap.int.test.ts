import { beforeAll, expect, test } from 'bun:test'
import { deliverySetup } from '../../tests/support/delivery-setup.ts'
import {
  committed,
  createSequences,
  gapsAndSwaps,
  writeUnkindly,
} from '../../tests/support/outbox-writers.ts'
import { until } from '../../tests/support/until.ts'
import { outboxDepth } from './outbox.ts'

const setup = deliverySetup()
const rows = Number(process.env['RELAY_GAP_ROWS'] ?? 20_000)

beforeAll(() => createSequences(setup.database), 60_000)

test('two relays miss nothing and swap nothing, however the writers commit', async () => {
  const early = setup.relay()
  const writing = writeUnkindly(setup.url, rows)
  setup.relay()
  await until(() => setup.broker.published.length > rows / 2, 600_000)
  await early.stop()
  await writing
  await until(async () => (await outboxDepth(setup.database)) === 0, 600_000)
  const ids = setup.broker.published.map(({ properties }) => properties['ce_id'] ?? '')
  const last = await committed(setup.database)
  expect(gapsAndSwaps(ids, last)).toEqual({ missed: 0, swapped: 0 })
  expect(new Set(ids).size).toBeGreaterThanOrEqual(rows)
}, 900_000)

test('a relay that reads on from the last id misses rows, in the same storm', async () => {
  await setup.database.query('UPDATE sequence SET last = 0')
  const ids: string[] = []
  let last = '0'
  const readOn = async () => {
    const found = await setup.database.query<{ id: string; name: string }>(
      `SELECT id, properties ->> 'ce_id' AS name FROM delivery.outbox
       WHERE id > $1::bigint ORDER BY id LIMIT 500`,
      [last],
    )
    ids.push(...found.map(({ name }) => name))
    last = found.at(-1)?.id ?? last
    return found.length
  }
  let writing = true
  const written = writeUnkindly(setup.url, 3000).then(() => (writing = false))
  while (writing) await readOn()
  await written
  while ((await readOn()) > 0);
  expect(gapsAndSwaps(ids, await committed(setup.database)).missed).toBeGreaterThan(0)
}, 60_000)
