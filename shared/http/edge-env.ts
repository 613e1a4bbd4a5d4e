import type { OpenAPIHono } from '@hono/zod-openapi'
import type { TraceContext } from './trace-context.ts'

/** Who sent a request, as their token says. */
export interface Caller {
  readonly subject: string
  /** Agents act for others. */
  readonly agent: boolean
}

export interface EdgeVariables {
  readonly requestId: string
  readonly trace: TraceContext
  /** Id of the command that the request sends: every message that it causes carries it. */
  readonly correlationId?: string
  /** Set by whoever verifies tokens; absent for anybody. */
  readonly caller?: Caller
}

/** The environment of every handler behind an edge: `c.get('requestId')`, `c.get('trace')`. */
export interface EdgeEnv {
  Variables: EdgeVariables
}

export type EdgeApp = OpenAPIHono<EdgeEnv>
