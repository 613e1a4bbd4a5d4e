import type { RoleContext, RoleName, RoleTable } from '../shared/runtime/role.ts'
import { BadSetting, type Settings } from '../shared/runtime/settings.ts'
import { migrateBoth } from '../shared/postgres/migrate.ts'
import type { Logger } from '../shared/telemetry/logger.ts'
import { openDatabases } from './databases.ts'
import { type OpenBroker, processContext } from './process-context.ts'
import { type RunningRoles, startRoles } from './running-roles.ts'
import { explained, requireDatabases } from './start-errors.ts'

/** What main.ts knows and the operations do not: the two sides and the broker. */
export interface Wiring {
  readonly roles: RoleTable
  readonly openBroker: OpenBroker
  readonly seedDemo?: (context: RoleContext) => Promise<void>
}

export interface Run {
  readonly settings: Settings
  readonly logger: Logger
  readonly home: string
  readonly names: readonly RoleName[]
  readonly loadWiring: () => Promise<Wiring>
  /** Also a database that is not the embedded one. */
  readonly migrate?: boolean
  /** Roles whose taken port is only a warning. */
  readonly optional?: readonly RoleName[]
  /** Resolves when the process is asked to stop. */
  readonly stopSignal: Promise<unknown>
  /** Called once everything runs. */
  readonly started?: (running: RunningRoles, wiring: Wiring, context: RoleContext) => Promise<void>
}

/**
 * Runs roles in this process until it is asked to stop, then drains them, closes what they
 * shared, and gives up Postgres last. The embedded database is migrated first: nobody else would.
 */
export async function run({ settings, logger, home, names, ...rest }: Run): Promise<void> {
  requireEmbeddedBroker(settings)
  if (rest.migrate) await requireDatabases(settings)
  const wiring = await rest.loadWiring()
  const databases = await openDatabases(settings, home)
  try {
    if (databases.embedded || rest.migrate) await migrateBoth(databases.write, databases.read)
    const shared = processContext({
      settings,
      logger,
      urls: databases,
      openBroker: wiring.openBroker,
    })
    try {
      const starting = startRoles(names, wiring.roles, shared.context, rest.optional)
      const running = await starting.catch((error: unknown) => {
        throw databases.embedded ? error : explained(error)
      })
      try {
        await rest.started?.(running, wiring, shared.context)
        await rest.stopSignal
      } finally {
        await running.stop()
      }
    } finally {
      await shared.close()
    }
  } finally {
    await databases.release()
  }
}

// Who names another broker must not find out later that nothing was ever sent to it.
function requireEmbeddedBroker({ pulsarUrl }: Settings): void {
  if (pulsarUrl === undefined) return
  throw new BadSetting(
    'PULSAR_URL is set, but everything runs on the embedded broker so far: unset it',
  )
}
