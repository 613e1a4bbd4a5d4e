import type { Context } from 'hono'
import type { z } from 'zod'
import type { EdgeEnv } from '../../shared/http/edge-env.ts'
import { entityTag, matchesNone } from '../../shared/http/etag.ts'

/** Answers one thing with its tag; 304 when the reader has it already. */
export const answerSingle = (
  c: Context<EdgeEnv>,
  row: { readonly version: number; readonly revision: number },
  body: object,
): Response => {
  const etag = entityTag(row.version, row.revision)
  c.header('etag', etag)
  c.header('cache-control', 'private, no-cache')
  return matchesNone(c.req.header('if-none-match'), etag) ? c.body(null, 304) : c.json(body)
}

/** One thing as the document shows it. */
export const singleAnswers = (description: string, schema: z.ZodType, example: object) => ({
  200: { description, schema, example, headers },
  304: { description: 'It is as the reader has it', headers },
})
const headers = { etag: '`"<version>.<view revision>"`' }

export const conditionalHeader = {
  'if-none-match': 'a tag from an earlier answer: 304 when it still holds',
} as const
