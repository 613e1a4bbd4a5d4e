import type { RoleTable } from '../shared/runtime/role.ts'
import { startNotifier } from './notifications/notifier.role.ts'
import { startProjector } from './projector.role.ts'
import { startQueryApi } from './query-api.role.ts'

/** The read side's table of contents. */
export const roles = {
  projector: startProjector,
  notifier: startNotifier,
  'query-api': startQueryApi,
} as const satisfies RoleTable
