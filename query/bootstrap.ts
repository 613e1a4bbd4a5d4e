import type { RoleTable } from '../shared/runtime/role.ts'

/** The read side's roles, each loaded when it is started. */
export const roles = {
  projector: async (context) => (await import('./projector.role.ts')).startProjector(context),
  notifier: async (context) =>
    (await import('./notifications/notifier.role.ts')).startNotifier(context),
  'query-api': async (context) => (await import('./query-api.role.ts')).startQueryApi(context),
} as const satisfies RoleTable
