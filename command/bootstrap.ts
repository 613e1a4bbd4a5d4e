import type { RoleContext, RoleTable } from '../shared/runtime/role.ts'

/** The write side's roles. Each is loaded when it is started: what the others need, nobody waits for. */
export const roles = {
  'command-api': async (context) => (await import('./command-api.ts')).commandApi(context),
  'command-worker': async (context) => (await import('./command-worker.ts')).commandWorker(context),
  'process-manager': async (context) =>
    (await import('./process-manager.ts')).processManager(context),
  'reactor.inventory': async (context) => (await import('./reactor.ts')).inventory(context),
  'reactor.payments': async (context) => (await import('./reactor.ts')).payments(context),
  'reactor.shipping': async (context) => (await import('./reactor.ts')).shipping(context),
  'reactor.orders': async (context) => (await import('./reactor.ts')).orders(context),
  relay: async (context) => (await import('./relay.ts')).relay(context),
} as const satisfies RoleTable

export const seedDemo = async (context: RoleContext): Promise<void> =>
  (await import('./demo-data.ts')).seedDemo(context)
