import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { newId } from '../../shared/kernel/ids.ts'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import { outsideTransaction } from '../../shared/postgres/guard.ts'
import { testReadSide, type TestReadSide } from '../../tests/support/query-app.ts'
import { deliveryOf, envelopeOf } from '../../tests/support/recorded-events.ts'
import { waitingForLocks } from '../../tests/support/waiting-for-locks.ts'
import { searchIndexerWork } from './search-indexer.work.ts'

let readSide: TestReadSide
beforeAll(async () => {
  readSide = await testReadSide()
}, 60_000)
afterAll(() => readSide.close())
beforeEach(() => readSide.database.query('TRUNCATE read.products_read, read.product_search'))

/** What the projector has made of the product so far. */
const keep = async (id: string, version: number, name: string) => {
  await readSide.database.query(
    `INSERT INTO read.products_read VALUES ($1::uuid, $2, $3, 1, 'EUR', NULL, now(), now(), 1, $4, 1)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, version = excluded.version`,
    [id, `sku-${id}`, name, version],
  )
}
const work = searchIndexerWork()
const index = (wait: boolean, ...envelopes: readonly Envelope[]) =>
  readSide.database.transaction((tx) => work.handle(tx, envelopes.map(deliveryOf), { wait }))

const found = async (q: string) => {
  const answer = await readSide.app().request(`/products?q=${q}`)
  const { items } = (await answer.json()) as { items: { id: string }[] }
  return items.map(({ id }) => id)
}
const indexed = () =>
  readSide.database.query<{ name: string; version: number }>(
    'SELECT name, version FROM read.product_search',
  )

const created = (id: string) => envelopeOf('ProductCreated', id, 1, { product_id: id })
/** What such an event says is of no interest; that it says something else is on purpose. */
const updated = (id: string, version: number) =>
  envelopeOf('ProductUpdated', id, version, { product_id: id, name: 'what the event says' })

test('a product is found by what is read again, whatever its event says', async () => {
  const id = newId()
  await keep(id, 1, 'Lamp')
  await index(false, created(id))
  await keep(id, 2, 'Lantern')
  await index(false, updated(id, 2))
  expect(await found('lantern')).toEqual([id])
  expect(await found('lamp')).toEqual([])
  expect(await found('says')).toEqual([])
})

test('notifications in any order, twice, and from before, lead to the same index', async () => {
  const id = newId()
  await keep(id, 3, 'Lantern')
  await index(true, updated(id, 3), created(id), updated(id, 2), updated(id, 3))
  await index(true, created(id))
  expect(await indexed()).toEqual([{ name: 'Lantern', version: 3 }])
})

test('a product that the projector has not brought up to date yet is waited for, and delays no other', async () => {
  const [early, ready] = [newId(), newId()]
  await keep(early, 1, 'Lamp')
  await keep(ready, 1, 'Chair')
  const { deferred } = await index(false, updated(early, 2), created(ready))
  expect(deferred.map(({ envelope }) => envelope.subject)).toEqual([early])
  expect(await indexed()).toEqual([{ name: 'Chair', version: 1 }])
  const failure = await index(true, updated(early, 2)).catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: '55P03', messageId: updated(early, 2).id })
  await keep(early, 2, 'Lantern')
  await index(true, updated(early, 2))
  expect(await found('lantern')).toEqual([early])
})

test('a product that is not there at all is waited for', async () => {
  const { deferred } = await index(false, created(newId()))
  expect(deferred).toHaveLength(1)
})

test('an indexer that has read less does not undo what another has read since', async () => {
  const id = newId()
  await keep(id, 1, 'Lamp')
  await readSide.database.query(
    `INSERT INTO read.product_search VALUES ($1::uuid, 'Lantern', to_tsvector('simple', 'Lantern'), 2)`,
    [id],
  )
  await index(true, created(id))
  expect(await indexed()).toEqual([{ name: 'Lantern', version: 2 }])
})

test('an event of a version to come is a notification like any other', async () => {
  const id = newId()
  await keep(id, 2, 'Lantern')
  await index(true, { ...updated(id, 2), type: 'aeroalpes.products.ProductUpdated.v7', data: {} })
  expect(await found('lantern')).toEqual([id])
})

test('a restocking is no news, and its product is not read', async () => {
  const id = newId()
  const { deferred } = await index(false, envelopeOf('StockAdjusted', id, 9, {}))
  expect({ deferred, indexed: await indexed() }).toEqual({ deferred: [], indexed: [] })
})

test('two indexers that come upon the same products in different order do not wait in a ring', async () => {
  const ids = [newId(), newId(), newId()]
  // On the disk in the order that no id has.
  for (const id of ids.toReversed()) await keep(id, 1, 'Lamp')
  await index(true, ...ids.map(created))
  const indexBy = (off: string) =>
    outsideTransaction(() =>
      readSide.database.transaction(async (tx) => {
        for (const way of off.split(' ')) await tx.query(`SET LOCAL enable_${way} = off`)
        await work.handle(tx, ids.map(created).map(deliveryOf), { wait: true })
      }),
    )
  let both: Promise<unknown> = Promise.resolve()
  await readSide.database.transaction(async (tx) => {
    await tx.query('SELECT FROM read.product_search WHERE id = $1::uuid FOR UPDATE', [ids[1]])
    both = Promise.all([indexBy('seqscan bitmapscan'), indexBy('indexscan bitmapscan')])
    await outsideTransaction(() => waitingForLocks(readSide.database, 2))
  })
  expect(await both).toHaveLength(2)
})
