import type { Broker } from '../messaging/port.ts'
import type { Database } from '../postgres/database.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Settings } from './settings.ts'

/** What one check says of one dependency. `detail` names the cause and is safe to show to anybody. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  readonly detail?: string
}

/**
 * One running role of the system. The process that started it owns it and ends it with `stop`.
 *
 * `stop` drains: it takes no new work, finishes and acknowledges what it has begun, and resolves
 * when nothing of it is left (no timer, no socket, no connection). Calling it twice is the same as once.
 * `check` is read by `/readyz`; it answers within a second and never throws.
 */
export interface Role {
  readonly name: RoleName
  readonly urls?: Readonly<Record<string, string>>
  check(): Promise<readonly Check[]>
  stop(): Promise<void>
}

/** In the order in which they drain: first who takes work from outside, then who carries it on. */
export const roleNames = [
  'tutorial-api',
  'command-api',
  'query-api',
  'command-worker',
  'process-manager',
  'reactor.inventory',
  'reactor.payments',
  'reactor.shipping',
  'reactor.orders',
  'relay',
  'projector',
  'notifier',
  'tutorial-bridge',
] as const

export type RoleName = (typeof roleNames)[number]

/**
 * What a process gives to its roles. Databases and broker are opened by the first role that asks,
 * shared by all, and closed by the process after every role has stopped: a role closes none of them.
 */
export interface RoleContext {
  readonly settings: Settings
  readonly logger: Logger
  /** One registry a process, whichever roles run in it. */
  readonly metrics: Metrics
  /** True in a process that has no database at all: `./aero run command-api` on Pulsar alone. */
  readonly withoutDatabase: boolean
  broker(): Promise<Broker>
  writeDatabase(): Promise<Database>
  readDatabase(): Promise<Database>
}

/** A bootstrap's table of contents: how each of its roles is started. */
export type RoleTable = Readonly<Partial<Record<RoleName, (context: RoleContext) => Promise<Role>>>>
