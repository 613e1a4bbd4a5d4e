import type { Queryable } from '../../shared/postgres/database.ts'

// Ids sorted, for another indexer may be at the same products; what it read later stays.
const index = `
  INSERT INTO read.product_search AS known (id, name, words, version)
  SELECT id, name,
    setweight(to_tsvector('simple', name), 'A') || setweight(to_tsvector('simple', sku), 'B')
      || setweight(to_tsvector('simple', coalesce(description, '')), 'C'),
    version
  FROM (
    SELECT id, version, read.without_accents(name) AS name, read.without_accents(sku) AS sku,
      read.without_accents(description) AS description
    FROM read.products_read WHERE id = ANY($1::uuid[])) AS plain
  ORDER BY id
  ON CONFLICT (id) DO UPDATE
  SET name = excluded.name, words = excluded.words, version = excluded.version
  WHERE known.version <= excluded.version`

/** Makes the search index of these products anew from what is known of them now. */
export const indexProducts = async (on: Queryable, ids: readonly string[]): Promise<void> => {
  await on.query(index, [ids])
}

const surplus = `
  DELETE FROM read.product_search s WHERE NOT EXISTS (
    SELECT FROM read.products_read p WHERE p.id = s.id AND p.version >= s.version)`
const page = 'SELECT id FROM read.products_read WHERE id > $1::uuid ORDER BY id LIMIT 1000'

/** The whole index anew, some products at a time: nobody is notified of what a rebuild has changed. */
export const indexAllProducts = async (read: Queryable): Promise<void> => {
  await read.query(surplus)
  let last: string | undefined = '00000000-0000-0000-0000-000000000000'
  while (last !== undefined) {
    const rows: readonly { readonly id: string }[] = await read.query(page, [last])
    const ids = rows.map(({ id }) => id)
    await indexProducts(read, ids)
    last = ids.at(-1)
  }
}
