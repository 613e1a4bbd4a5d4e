import { setTimeout as wait } from 'node:timers/promises'
import { PortTaken } from '../shared/runtime/serve.ts'
import {
  type Role,
  type RoleContext,
  type RoleName,
  roleNames,
  type RoleTable,
} from '../shared/runtime/role.ts'
import { Exit } from './exit.ts'
import { requireOneStyle } from './one-style.ts'
import type { OpsServer } from './ops-server.ts'

export interface RunningRoles {
  readonly roles: readonly Role[]
  /** Drains them one after the other, those that take work from outside first. */
  stop(): Promise<void>
}

/** How long all roles together may take to drain, in ms; who stops a container waits 10 s. */
const drainMs = 9000

/**
 * Starts the named roles, those first that others feed. When one cannot start, those that run
 * already are stopped again. `optional` roles may find their port taken: a warning. Throws `Exit`
 * (refused) while orders are on their way in the other style.
 */
export async function startRoles(
  names: readonly RoleName[],
  table: RoleTable,
  context: RoleContext,
  optional: readonly RoleName[] = [],
): Promise<RunningRoles> {
  const roles: Role[] = []
  let ops: OpsServer | undefined
  const stop = async () => {
    ops?.drain()
    await stopRoles(roles, context)
    await ops?.stop()
  }
  await requireOneStyle(names, context)
  try {
    for (const name of roleNames.toReversed().filter((role) => names.includes(role))) {
      const role = await startRole(name, table, context, optional)
      if (role) roles.push(role)
    }
    if (context.settings.opsPort !== undefined) {
      const { startOps } = await import('./ops-server.ts')
      ops = startOps(roles, context, context.settings.opsPort)
    }
  } catch (error) {
    await stop()
    throw error
  }
  return { roles, stop }
}

async function startRole(
  name: RoleName,
  table: RoleTable,
  context: RoleContext,
  optional: readonly RoleName[],
): Promise<Role | undefined> {
  const start = table[name]
  if (!start) throw new Exit('failed', `the role ${name} is not part of this build`)
  try {
    const role = await start({ ...context, logger: context.logger.child({ role: name }) })
    context.logger.info({ role: name, ...role.urls }, 'role started')
    return role
  } catch (error) {
    if (!(error instanceof PortTaken) || !optional.includes(name)) throw error
    context.logger.warn({ role: name }, `${error.message}; going on without it`)
    return undefined
  }
}

async function stopRoles(roles: readonly Role[], { logger }: RoleContext): Promise<void> {
  const drained = (async () => {
    for (const role of roles.toReversed()) {
      await role.stop()
      logger.info({ role: role.name }, 'role stopped')
    }
    return true
  })()
  const patience = new AbortController()
  const late = wait(drainMs, false, { signal: patience.signal }).catch(() => true)
  const inTime = await Promise.race([drained, late])
  patience.abort()
  if (!inTime) throw new Exit('failed', `the roles did not drain within ${drainMs / 1000} s`)
}
