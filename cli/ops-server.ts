import { opsApp } from '../shared/http/ops.ts'
import type { Role, RoleContext } from '../shared/runtime/role.ts'
import { serve } from '../shared/runtime/serve.ts'

export interface OpsServer {
  /** From here on `/readyz` says 503, so that nothing new is sent here. */
  drain(): void
  stop(): Promise<void>
}

/** Probes and metrics for the roles of this process. Throws `PortTaken`. */
export function startOps(roles: readonly Role[], context: RoleContext, port: number): OpsServer {
  const { settings, metrics, logger } = context
  let draining = false
  const app = opsApp({
    checks: async () => (await Promise.all(roles.map((role) => role.check()))).flat(),
    draining: () => draining,
    metrics,
  })
  const server = serve({
    fetch: (request) => app.fetch(request),
    host: settings.host,
    port,
    setting: 'OPS_PORT',
  })
  logger.info({ url: server.url }, 'probes and metrics')
  return {
    drain() {
      draining = true
    },
    stop: () => server.stop(),
  }
}
