import type { Context } from 'hono'
import type { z } from 'zod'
import type { BodyOptions } from './body.ts'
import type { EdgeEnv } from './edge-env.ts'
import type { CommonSlug } from './problem.ts'

type Shape = z.ZodType

/** What a handler gets beside the context: parsed, typed, refused with 400 before if wrong. */
export interface RouteInput<
  Params extends Shape | undefined,
  Query extends Shape | undefined,
  Body extends Shape | undefined,
> {
  readonly params: Output<Params>
  readonly query: Output<Query>
  readonly body: Output<Body>
}

type Output<S extends Shape | undefined> = S extends Shape ? z.output<S> : undefined

export interface BodyDefinition<S extends Shape | undefined> extends BodyOptions {
  readonly schema: S
  readonly example?: unknown
  readonly examples?: Readonly<Record<string, unknown>>
}

export interface AnswerDefinition {
  readonly description: string
  readonly schema?: Shape
  readonly example?: unknown
  /** Default `application/json` where there is a schema. */
  readonly contentType?: string
  /** Other media types in which the same may be asked for. */
  readonly alsoAs?: readonly string[]
  /** Header name -> what it says. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface RouteDefinition<
  Params extends Shape | undefined,
  Query extends Shape | undefined,
  Body extends Shape | undefined,
> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** In OpenAPI's form: `/reservations/{id}` */
  readonly path: string
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly params?: Params
  readonly query?: Query
  /** Request headers, for the document only: name -> what it does. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: BodyDefinition<Body>
  readonly answers: Readonly<Record<number, AnswerDefinition>>
  /** Problems beyond those that follow from params, query and body. Own slugs: `[slug, status]`. */
  readonly problems?: readonly (CommonSlug | readonly [slug: string, status: number])[]
  /** The form of every error answer in the document. Default: problem details. */
  readonly errorForm?: AnswerDefinition
  /** True where a bearer token is asked for with AUTH=jwt. */
  readonly secured?: boolean
  readonly handle: (
    c: Context<EdgeEnv>,
    input: RouteInput<Params, Query, Body>,
  ) => Response | Promise<Response>
}
