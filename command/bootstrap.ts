import type { RoleTable } from '../shared/runtime/role.ts'
import { commandApi } from './command-api.ts'

/** The write side's roles. */
export const roles = {
  'command-api': commandApi,
} satisfies RoleTable
