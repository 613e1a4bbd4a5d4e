import type { Check, Role, RoleContext, RoleTable } from '../shared/runtime/role.ts'
import { serve } from '../shared/runtime/serve.ts'
import { publicUrls } from '../shared/runtime/settings.ts'
import { tutorialApp } from './app.ts'
import { upstream } from './upstream.ts'

/** Throws `PortTaken`. */
const startTutorialApi = async ({ settings, logger, metrics }: RoleContext): Promise<Role> => {
  const { command: commandUrl, query: queryUrl } = publicUrls(settings)
  const state = { draining: false }
  const check = () =>
    Promise.all([answers('command-api', commandUrl), answers('query-api', queryUrl)])
  const app = tutorialApp({
    system: upstream({ commandUrl, queryUrl }),
    logger,
    metrics,
    checks: check,
    draining: () => state.draining,
  })
  const server = serve({
    fetch: (request, peer) => app.fetch(request, peer),
    host: settings.host,
    port: settings.tutorialPort,
    setting: 'TUTORIAL_PORT',
  })
  return {
    name: 'tutorial-api',
    urls: { tutorial: server.url },
    check,
    stop() {
      state.draining = true
      return server.stop()
    },
  }
}

export const roles = {
  'tutorial-api': startTutorialApi,
  'tutorial-bridge': startTutorialBridge,
} as const satisfies RoleTable

async function startTutorialBridge(context: RoleContext): Promise<Role> {
  const { tutorialBridge } = await import('./bridge/tutorial-bridge.role.ts')
  return tutorialBridge(context)
}

const answers = async (name: string, url: string): Promise<Check> => {
  try {
    const { ok } = await fetch(new URL('/livez', url), { signal: AbortSignal.timeout(900) })
    return ok ? { name, ok } : { name, ok, detail: `${url} is not live` }
  } catch {
    return { name, ok: false, detail: `${url} does not answer` }
  }
}
