import type { Context } from 'hono'
import { z } from 'zod'
import { Invalid } from '../kernel/fates.ts'
import type { AnswerDefinition } from './route-definition.ts'

/** The query parameters of every list: spread them into its schema. */
export const pageParameters = {
  limit: z
    .string()
    .regex(/^\d{1,4}$/, 'a whole number from 1 to 200')
    .transform(Number)
    .pipe(z.number().int().min(1).max(200))
    .default(50)
    .meta({ type: 'integer', minimum: 1, maximum: 200, default: 50 }),
  cursor: z.string().max(1024).optional().meta({ description: 'next_cursor of the page before' }),
}

export interface Page<Item> {
  readonly items: readonly Item[]
  readonly next_cursor: string | null
}

/** A list as the document shows it; `answerPage` sends it. */
export const pageAnswer = (item: z.ZodType, example: object): AnswerDefinition => ({
  description: 'A page',
  schema: z.object({ items: z.array(item), next_cursor: z.string().nullable() }),
  example: { items: [example], next_cursor: null },
  headers: { link: '`rel="next"` while there is a next page' },
})

/** Where the next page begins, in an opaque text: the sort key of the last item shown. */
export const encodeCursor = (key: readonly (string | number | null)[]): string =>
  Buffer.from(JSON.stringify(key)).toString('base64url')

/** The key in a cursor. Throws `Invalid` for a text that `encodeCursor` did not make for this list. */
export const decodeCursor = <S extends z.ZodType>(cursor: string, key: S): z.output<S> => {
  const parsed = key.safeParse(opened(cursor))
  if (parsed.success) return parsed.data
  throw new Invalid('The cursor is not one of this list. Begin again without it.', [
    { pointer: '/query/cursor', detail: 'take it from next_cursor, unchanged' },
  ])
}

/** A time in a cursor: one that Postgres knows too, which has no year 0. */
export const cursorTime = z.iso.datetime().regex(/^(?!0000)/)

const opened = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'), refuseNul)
  } catch {
    return undefined
  }
}

// Postgres has no such character, and no cursor of ours.
const refuseNul = (_key: string, value: unknown): unknown => {
  if (typeof value === 'string' && value.includes('\0')) throw new Error('NUL in a cursor')
  return value
}

/** Cuts `rows`, of which one more than `limit` was asked for, and tells where the next page begins. */
export const cutPage = <Row, Item>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => readonly (string | number | null)[],
  itemOf: (row: Row) => Item,
): Page<Item> => {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.map(itemOf),
    next_cursor: rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null,
  }
}

/** Answers a page, with `Link: rel="next"` (RFC 8288) while there is one. */
export const answerPage = <Item>(c: Context, page: Page<Item>): Response => {
  if (page.next_cursor !== null) {
    const next = new URL(c.req.url)
    next.searchParams.set('cursor', page.next_cursor)
    c.header('link', `<${next.pathname}${next.search}>; rel="next"`)
  }
  return c.json(page)
}
