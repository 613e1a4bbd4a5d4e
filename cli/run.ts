import type { RoleContext, RoleName, RoleTable } from '../shared/runtime/role.ts'
import type { Settings } from '../shared/runtime/settings.ts'
import type { Logger } from '../shared/telemetry/logger.ts'
import type { Databases } from './databases.ts'
import { type Brokers, type ProcessContext, processContext } from './process-context.ts'
import { type RunningRoles, startRoles } from './running-roles.ts'
import { explained } from './start-errors.ts'

/** What main.ts knows and the operations do not: the two sides and the brokers. */
export interface Wiring {
  readonly roles: RoleTable
  readonly brokers: Brokers
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
  readonly started?: (running: RunningRoles) => void
}

/**
 * Runs roles in this process until it is asked to stop, then drains them, closes what they
 * shared, and gives up Postgres last. A Pulsar that is away is waited for; what it has, and is not
 * what the roles need, ends them.
 */
export async function run(running: Run): Promise<void> {
  const { settings, logger, home, names, migrate = false } = running
  const wiring = await running.loadWiring()
  const databases = canDoWithout(names, settings)
    ? undefined
    : await (await import('./databases.ts')).databasesForRoles(settings, home, migrate)
  try {
    const { brokers } = wiring
    const shared = processContext({ settings, logger, names, urls: databases, brokers })
    // What goes over the network goes on while the roles are loaded.
    if (settings.pulsarUrl !== undefined) shared.context.broker().catch(() => undefined)
    try {
      await runRoles(running, wiring, shared, databases)
    } finally {
      await shared.close()
    }
  } finally {
    await databases?.release()
  }
}

async function runRoles(
  { settings, names, optional, started, stopSignal }: Run,
  wiring: Wiring,
  { context, refused }: ProcessContext,
  databases: Databases | undefined,
): Promise<void> {
  // Before any role starts: whoever finds one ready finds the demo data.
  if (settings.demoData && names.includes('command-worker')) await wiring.seedDemo?.(context)
  const starting = startRoles(names, wiring.roles, context, optional)
  const running = await starting.catch((error: unknown) => {
    throw databases?.embedded === false ? explained(error) : error
  })
  try {
    started?.(running)
    await Promise.race([stopSignal, refused])
  } finally {
    await running.stop()
  }
}

/** Takes commands and speaks HTTP: with a broker elsewhere these need nothing else. */
const ofTheEdge: readonly RoleName[] = ['command-api', 'tutorial-api', 'tutorial-bridge']

const canDoWithout = (names: readonly RoleName[], { pulsarUrl, databaseUrl }: Settings): boolean =>
  pulsarUrl !== undefined &&
  databaseUrl === undefined &&
  names.every((name) => ofTheEdge.includes(name))
