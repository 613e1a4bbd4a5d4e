import { z } from 'zod'
import type { EdgeApp } from './edge-env.ts'
import { commonProblems, problemTitle, problemType } from './problem.ts'
import type { AnswerDefinition, RouteDefinition } from './route-definition.ts'

type Documentation = Parameters<EdgeApp['openAPIRegistry']['registerPath']>[0]
type Shape = z.ZodType | undefined
type Definition = Omit<RouteDefinition<Shape, Shape, Shape>, 'handle'>

/** The problem details of RFC 9457, as the document shows them. */
const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    instance: z.string(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' })

/** What the OpenAPI document says of a route; the answers that follow from its parsing are added. */
export const documentation = (definition: Definition): Documentation => ({
  method: definition.method,
  path: definition.path,
  operationId: definition.operationId,
  summary: definition.summary,
  ...(definition.description ? { description: definition.description } : {}),
  ...(definition.tags ? { tags: [...definition.tags] } : {}),
  ...(definition.secured ? { security: [{ bearer: [] }] } : {}),
  request: requestOf(definition),
  responses: {
    ...Object.fromEntries(
      Object.entries(definition.answers).map(([status, answer]) => [status, answerOf(answer)]),
    ),
    ...problemAnswers(definition),
  },
})

const requestOf = ({ params, query, headers, body }: Definition) =>
  ({
    ...(params ? { params } : {}),
    ...(query ? { query } : {}),
    ...(headers ? { headers: headerSchemas(headers) } : {}),
    ...(body?.schema
      ? {
          body: {
            required: !body.allowEmpty,
            content: {
              'application/json': {
                schema: body.schema,
                ...(body.example === undefined ? {} : { example: body.example }),
                ...(body.examples ? { examples: namedExamples(body.examples) } : {}),
              },
            },
          },
        }
      : {}),
  }) as NonNullable<Documentation['request']>

const namedExamples = (examples: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value }]))

const headerSchemas = (headers: Readonly<Record<string, string>>) =>
  z.object(
    Object.fromEntries(
      Object.entries(headers).map(([name, text]) => [
        name,
        z.string().optional().meta({ description: text }),
      ]),
    ),
  )

const answerOf = (answer: AnswerDefinition) => ({
  description: answer.description,
  headers: headerObjects({ ...answer.headers, 'x-request-id': 'the id sent, or a new one' }),
  ...(answer.schema || answer.contentType
    ? {
        content: {
          [answer.contentType ?? 'application/json']: {
            schema: answer.schema ?? z.string(),
            ...(answer.example === undefined ? {} : { example: answer.example }),
          },
          ...Object.fromEntries(
            (answer.alsoAs ?? []).map((type) => [type, { schema: z.string() }]),
          ),
        },
      }
    : {}),
})

const headerObjects = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [
      name,
      { description, schema: { type: 'string' as const } },
    ]),
  )

const problemAnswers = (definition: Definition) => {
  const byStatus = Map.groupBy(problemsOf(definition), ([, status]) => status)
  return Object.fromEntries(
    [...byStatus].map(([status, found]) => [
      status,
      errorAnswer(
        definition,
        status,
        found.map(([slug]) => slug),
      ),
    ]),
  )
}

const problemsOf = (
  definition: Definition,
): readonly (readonly [slug: string, status: number])[] => {
  const slugs = [
    ...(definition.params || definition.query || definition.body
      ? (['invalid-request'] as const)
      : []),
    ...(definition.body
      ? ([
          'malformed-json',
          'request-timeout',
          'payload-too-large',
          'unsupported-media-type',
        ] as const)
      : []),
    ...(definition.secured ? (['unauthenticated'] as const) : []),
    ...(definition.problems ?? []),
  ]
  return slugs.map((slug) => (typeof slug === 'string' ? [slug, commonProblems[slug][0]] : slug))
}

const errorAnswer = ({ errorForm }: Definition, status: number, slugs: readonly string[]) =>
  errorForm ? answerOf({ ...errorForm, description: titles(slugs) }) : problemAnswer(status, slugs)

const titles = (slugs: readonly string[]) => slugs.map(problemTitle).join(', or: ')

const problemAnswer = (status: number, slugs: readonly string[]) => ({
  description: titles(slugs),
  headers: headerObjects({
    'x-request-id': 'the id sent, or a new one',
    ...(status === 401 ? { 'www-authenticate': 'Bearer (RFC 6750)' } : {}),
    ...(status === 503 || status === 429 ? { 'retry-after': 'seconds to wait' } : {}),
  }),
  content: {
    'application/problem+json': {
      schema: problemSchema,
      examples: Object.fromEntries(slugs.map((slug) => [slug, { value: example(slug, status) }])),
    },
  },
})

const example = (slug: string, status: number) => ({
  type: problemType(slug),
  title: problemTitle(slug),
  status,
  detail: problemTitle(slug),
  instance: '/…',
})
