import { z } from 'zod'

type Json = Parameters<typeof z.fromJSONSchema>[0]
interface Answers {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: Json }>> }>
  >
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Answers>>>>
  readonly components?: { readonly schemas?: object }
}

/** Sends requests to one application and compares what comes back with its own `/openapi.json`. */
export const documentedAnswers = async (base: string) => {
  const document = (await (await fetch(`${base}/openapi.json`)).json()) as Document
  return async (path: string, init: RequestInit = {}): Promise<readonly string[]> => {
    const method = (init.method ?? 'GET').toLowerCase()
    const answer = await fetch(`${base}${path}`, init)
    const text = await answer.text()
    const [type = ''] = (answer.headers.get('content-type') ?? '').split(';')
    const label = `${method} ${path} -> ${answer.status} ${type}`
    const named = answersOf(document, method, path)?.responses[String(answer.status)]
    if (!named) return [`${label} is not in the document`]
    if (text === '') return []
    const content = named.content?.[type]
    if (!content) return [`${label}: the document has ${Object.keys(named.content ?? {})}`]
    if (!type.endsWith('json') || type.endsWith('ndjson') || !content.schema) return []
    const found = schemaIn(document, content.schema).safeParse(JSON.parse(text))
    return found.success ? [] : [`${label}: ${z.prettifyError(found.error)}`]
  }
}

const answersOf = ({ paths }: Document, method: string, path: string) => {
  const plain = path.replace(/\?.*/, '')
  const fits = (pattern: string) =>
    new RegExp(`^${pattern.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(plain)
  return Object.entries(paths).find(([pattern, item]) => fits(pattern) && item[method])?.[1][method]
}

const schemaIn = ({ components }: Document, schema: Json) => {
  const text = JSON.stringify(closed({ ...(schema as object), $defs: components?.schemas }))
  return z.fromJSONSchema(JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')) as Json)
}

// A member that comes back and is not described counts as a fault too.
const closed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(closed)
  if (typeof value !== 'object' || value === null) return value
  const inner = Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, closed(each)]),
  )
  return inner['type'] === 'object' && inner['properties']
    ? { additionalProperties: false, ...inner }
    : inner
}
