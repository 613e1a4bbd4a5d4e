import type { RoleTable } from '../shared/runtime/role.ts'
import { commandApi } from './command-api.ts'
import { commandWorker } from './command-worker.ts'
import { relay } from './relay.ts'

export { seedDemo } from './demo-data.ts'

/** The write side's roles. */
export const roles = {
  'command-api': commandApi,
  'command-worker': commandWorker,
  relay,
} satisfies RoleTable
