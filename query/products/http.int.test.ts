import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { newId } from '../../shared/kernel/ids.ts'
import { testReadSide, type TestReadSide } from '../../tests/support/query-app.ts'
import { envelopeOf, minute } from '../../tests/support/recorded-events.ts'
import { matching } from './product.find.ts'

interface Product {
  readonly id: string
  readonly name: string
  readonly rank?: number
}
interface Page {
  readonly items: readonly Product[]
  readonly next_cursor: string | null
}

let readSide: TestReadSide
beforeAll(async () => {
  readSide = await testReadSide()
}, 60_000)
afterAll(() => readSide.close())
beforeEach(() =>
  readSide.database.query('TRUNCATE read.products_read, read.product_search, read.stock_levels'),
)

const get = (path: string, headers: Record<string, string> = {}) =>
  readSide.app().request(path, { headers })
const list = async (path: string) => (await (await get(path)).json()) as Page
const names = async (path: string) => (await list(path)).items.map(({ name }) => name)

const created = (product_id: string, more: object = {}) =>
  envelopeOf('ProductCreated', product_id, 1, {
    product_id,
    sku: product_id,
    name: 'Mouse ergonomico',
    price: 39.9,
    currency: 'EUR',
    description: null,
    stock: 25,
    created_at: minute(0),
    ...more,
  })
const level = (product_id: string, sequence: number, on_hand: number, held = 0) => ({
  ...envelopeOf('StockLevelChanged', product_id, sequence, {
    product_id,
    sku: product_id,
    on_hand,
    held,
  }),
  id: newId(),
})
const adjusted = (product_id: string, sequence: number, stock_version: number) =>
  envelopeOf('StockAdjusted', product_id, sequence, {
    product_id,
    sku: product_id,
    delta: 5,
    on_hand: 30,
    stock_version,
  })
const named = async (...all: readonly string[]) => {
  const ids = all.map(() => newId())
  await readSide.project(...all.map((name, at) => created(ids[at]!, { name })))
  return ids
}

describe('one product', () => {
  test('is shown as the contract says, from both of its topics', async () => {
    const id = newId()
    await readSide.project(level(id, 1, 25), created(id, { sku: 'mouse-1' }), level(id, 2, 25, 2))
    const answer = await get(`/products/${id.toUpperCase()}?min_version=1`)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toEqual({
      id,
      sku: 'mouse-1',
      name: 'Mouse ergonomico',
      price: 39.9,
      currency: 'EUR',
      description: null,
      stock: { on_hand: 25, held: 2, available: 23 },
      created_at: minute(0),
      updated_at: minute(1),
      version: 1,
    })
  })
  test('is changed by what an update tells, and by nothing else', async () => {
    const product_id = newId()
    await readSide.project(
      created(product_id, { description: 'old' }),
      envelopeOf('ProductUpdated', product_id, 2, { product_id, price: 34.95 }),
      envelopeOf('ProductUpdated', product_id, 3, { product_id, description: null }),
      envelopeOf('ProductUpdated', product_id, 4, { product_id, name: 'Maus' }),
    )
    expect(await (await get(`/products/${product_id}`)).json()).toMatchObject({
      name: 'Maus',
      price: 34.95,
      description: null,
      version: 4,
    })
  })
  test('has a tag that changes with the product and with its stock, before the dot with the product', async () => {
    const id = newId()
    const tag = async () => (await get(`/products/${id}`)).headers.get('etag')!
    const tags: string[] = []
    for (const event of [created(id), level(id, 1, 25), level(id, 2, 25, 1), adjusted(id, 2, 3)]) {
      await readSide.project(event)
      tags.push(await tag())
    }
    expect(new Set(tags).size).toBe(4)
    expect(tags.map((each) => each.split('.')[0])).toEqual(['"1', '"1', '"1', '"2'])
    expect((await get(`/products/${id}`, { 'if-none-match': tags[3]! })).status).toBe(304)
    expect((await get(`/products/${id}`, { 'if-none-match': tags[2]! })).status).toBe(200)
  })
  test('is not up to date before the pieces of its restocking have come over the other topic', async () => {
    const id = newId()
    await readSide.project(created(id), level(id, 1, 25), adjusted(id, 2, 2))
    const asked = get(`/products/${id}?min_version=2`)
    await readSide.project(level(id, 2, 30))
    const answer = await asked
    expect(await answer.json()).toMatchObject({ version: 2, stock: { on_hand: 30 } })
  })
  test('that never gets them is 503, and can be read without min_version', async () => {
    const id = newId()
    await readSide.project(created(id))
    expect((await get(`/products/${id}?min_version=1`)).status).toBe(503)
    const shown = await (await get(`/products/${id}`)).json()
    expect(shown).toMatchObject({ stock: { on_hand: 0, held: 0, available: 0 } })
  })
  test('that is not there is 404, even when its stock is', async () => {
    const id = newId()
    await readSide.project(level(id, 1, 3))
    expect((await get(`/products/${id}`)).status).toBe(404)
    expect((await get('/products/17')).status).toBe(400)
  })
})

describe('the list of products', () => {
  test('is by name, upper and lower case alike, accents after their letters', async () => {
    await named('b', 'Zebra', 'A', 'élan', 'a', 'B', 'elan', 'äpfel')
    const found = await names('/products')
    expect(found.map((name) => name.toLowerCase())).toEqual([
      'a',
      'a',
      'äpfel',
      'b',
      'b',
      'elan',
      'élan',
      'zebra',
    ])
  })
  test('shows each product once over its pages, also where names differ in case only', async () => {
    const ids = await named('Same', 'same', 'SAME', 'other', 'sAme', 'zz', 'same')
    const seen: string[] = []
    let path: string | undefined = '/products?limit=2'
    while (path) {
      const answer = await get(path)
      seen.push(...((await answer.json()) as Page).items.map(({ id }) => id))
      path = /^<(.*)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1]
    }
    expect(seen).toHaveLength(7)
    expect(new Set(seen)).toEqual(new Set(ids))
  })
  test.each(['limit=0', 'limit=201', 'cursor=x', 'q=', 'q=a%00b', 'q=a&q=b'])(
    '?%s is 400',
    async (query) => {
      expect((await get(`/products?${query}`)).status).toBe(400)
    },
  )
})

describe('the search', () => {
  test('finds words of the name before words of the description, and says how well', async () => {
    const [byText, byName] = [newId(), newId()]
    await readSide.project(
      created(byText, { name: 'Desk pad', description: 'a pad for every mouse' }),
      created(byName, { name: 'Mouse ergonomico' }),
      created(newId(), { name: 'Chair' }),
    )
    const { items } = await list('/products?q=mouse')
    expect(items.map(({ id }) => id)).toEqual([byName, byText])
    expect(items[0]!.rank!).toBeGreaterThan(items[1]!.rank!)
  })
  test('finds whole words, wherever they are, before what only looks alike', async () => {
    const [alike, whole] = [newId(), newId()]
    await readSide.project(
      created(alike, { name: 'Mouses' }),
      created(whole, { name: 'Pad', description: 'for a mouse' }),
    )
    expect((await list('/products?q=mouse')).items.map(({ id }) => id)).toEqual([whole, alike])
  })
  test('finds by SKU, and by a name that is misspelt or not finished', async () => {
    const id = newId()
    await readSide.project(created(id, { sku: 'mx-77' }), created(newId(), { name: 'Chair' }))
    for (const q of ['mx-77', 'ergonomco', 'MOUS', 'mouse -chair', '"mouse ergonomico"'])
      expect(
        (await list(`/products?q=${encodeURIComponent(q)}`)).items.map((one) => one.id),
      ).toEqual([id])
  })
  test('finds with and without accents, however they were typed', async () => {
    const [mouse] = await named('Ratón ergonómico', 'Caffè', 'Maleta pequeña')
    for (const q of ['raton', 'RATÓN', 'ratón'.normalize('NFD'), 'ergonomico', 'ergonomco'])
      expect(
        (await list(`/products?q=${encodeURIComponent(q)}`)).items.map(({ id }) => id),
      ).toEqual([mouse!])
    expect(await names('/products?q=pequena')).toEqual(['Maleta pequeña'])
    expect(await names(`/products?q=${encodeURIComponent('caffé')}`)).toEqual(['Caffè'])
  })
  test('takes any text for what it is', async () => {
    await named('Mouse')
    for (const q of ["'; DROP TABLE x; --", '%', '\\', '"', '!!!', ':* & |', '🙂', '-mouse'])
      expect((await get(`/products?q=${encodeURIComponent(q)}`)).status).toBe(200)
  })
  test('shows each find once over its pages', async () => {
    const ids = await named('mouse', 'mouse', 'mouse pad', 'mouse mat', 'big mouse')
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page = await list(`/products?q=mouse&limit=2${cursor && `&cursor=${cursor}`}`)
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.next_cursor
    }
    expect(seen).toHaveLength(5)
    expect(new Set(seen)).toEqual(new Set(ids))
  })
  test('uses its indexes', async () => {
    const plan = await readSide.database.transaction(async (tx) => {
      await tx.query('SET LOCAL enable_seqscan = off')
      const rows = await tx.query<Record<string, string>>(
        `EXPLAIN ${matching.replaceAll('$2', "'mouse'")}`,
      )
      return rows.map((row) => row['QUERY PLAN']).join('\n')
    })
    expect(plan).toContain('product_search_words')
    expect(plan).toContain('product_search_trigrams')
  })
})
