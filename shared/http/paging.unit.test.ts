import { describe, expect, test } from 'bun:test'
import { Hono } from 'hono'
import { z } from 'zod'
import { Invalid } from '../kernel/fates.ts'
import {
  answerPage,
  cursorTime,
  cutPage,
  decodeCursor,
  encodeCursor,
  pageParameters,
} from './paging.ts'
import { readParameters } from './query-parameters.ts'

const key = z.tuple([z.string(), z.number()])
const identity = <T>(value: T) => value

describe('a page', () => {
  const rows = [1, 2, 3, 4]
  test('is cut at the limit, and its cursor is the key of the last item shown', () => {
    const page = cutPage(rows, 3, (row) => ['k', row], identity)
    expect(page.items).toEqual([1, 2, 3])
    expect(decodeCursor(page.next_cursor ?? '', key)).toEqual(['k', 3])
  })
  test('that is the last has no cursor and no link', async () => {
    const page = cutPage(rows, 4, (row) => ['k', row], identity)
    expect(page.next_cursor).toBeNull()
    const answer = await new Hono().get('/', (c) => answerPage(c, page)).request('/')
    expect(answer.headers.has('link')).toBe(false)
  })
  test('links to the next with the filters of this one', async () => {
    const page = cutPage(rows, 1, (row) => ['k', row], identity)
    const app = new Hono().get('/things', (c) => answerPage(c, page))
    const answer = await app.request('/things?status=OPEN&cursor=old')
    expect(answer.headers.get('link')).toBe(
      `</things?status=OPEN&cursor=${page.next_cursor}>; rel="next"`,
    )
  })
})

test('a cursor survives any key and is safe in a URL', () => {
  const cursor = encodeCursor(['ÿ/+ ?&', 3, null])
  expect(cursor).toMatch(/^[\w-]+$/)
  expect(decodeCursor(cursor, z.tuple([z.string(), z.number(), z.null()]))).toEqual([
    'ÿ/+ ?&',
    3,
    null,
  ])
})

test('a cursor of another list, or none at all, is refused', () => {
  for (const cursor of ['', 'garbage', encodeCursor([1]), encodeCursor(['a', 'b'])])
    expect(() => decodeCursor(cursor, key)).toThrow(Invalid)
})

test('a cursor that somebody made with what the database does not know is refused', () => {
  const made = (at: string, name: string) => encodeCursor([at, name])
  const both = z.tuple([cursorTime, z.string()])
  expect(decodeCursor(made('2026-01-01T00:00:00.000Z', 'x'), both)).toHaveLength(2)
  for (const cursor of [made('0000-01-01T00:00:00Z', 'x'), made('2026-01-01T00:00:00Z', 'a\0b')])
    expect(() => decodeCursor(cursor, both)).toThrow(Invalid)
})

describe('the parameters of a list', () => {
  const read = (query: Readonly<Record<string, string[]>>) =>
    readParameters('query', query, z.object(pageParameters))
  test('default to fifty items from the beginning', () => {
    expect(read({})).toEqual({ limit: 50 })
  })
  test('take limits from 1 to 200', () => {
    expect(read({ limit: ['1'] }).limit).toBe(1)
    expect(read({ limit: ['200'] }).limit).toBe(200)
    for (const limit of ['0', '201', '-1', '1.5', 'ten', ''])
      expect(() => read({ limit: [limit] })).toThrow(Invalid)
  })
  test('are refused when given twice, pointing at the one', () => {
    expect(() => read({ limit: ['1', '2'] })).toThrow(
      expect.objectContaining({ faults: [{ pointer: '/query/limit', detail: 'give it once' }] }),
    )
  })
})
