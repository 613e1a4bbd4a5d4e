import type { z } from 'zod'
import { readJson } from './body.ts'
import type { EdgeApp } from './edge-env.ts'
import { readParameters } from './query-parameters.ts'
import { documentation } from './route-documentation.ts'
import type { RouteDefinition, RouteInput } from './route-definition.ts'

type Shape = z.ZodType

/** A declared route: `mountRoutes` registers it. */
export interface Route {
  readonly method: string
  readonly path: string
  mount(app: EdgeApp): void
}

/**
 * Declares a route once: the handler that answers it, the parsing before it, and its place in the
 * OpenAPI document. Parsing throws `Invalid` (400) or an `HttpProblem` (413, 415).
 */
export const route = <
  Params extends Shape | undefined = undefined,
  Query extends Shape | undefined = undefined,
  Body extends Shape | undefined = undefined,
>(
  definition: RouteDefinition<Params, Query, Body>,
): Route => ({
  method: definition.method,
  path: definition.path,
  mount(app) {
    app.openAPIRegistry.registerPath(documentation(definition))
    app.on(definition.method.toUpperCase(), honoPath(definition.path), async (c) => {
      const params = definition.params && readParameters('path', c.req.param(), definition.params)
      const query = definition.query && readParameters('query', c.req.queries(), definition.query)
      const body =
        definition.body?.schema && (await readJson(c, definition.body.schema, definition.body))
      return definition.handle(c, { params, query, body } as RouteInput<Params, Query, Body>)
    })
  },
})

/** Mounts routes in the order given. */
export const mountRoutes = (app: EdgeApp, routes: readonly Route[]): void => {
  for (const each of routes) each.mount(app)
}

const honoPath = (path: string) => path.replaceAll(/\{(\w+)\}/g, ':$1')
