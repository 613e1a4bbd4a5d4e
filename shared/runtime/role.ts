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

export const roleNames = [
  'command-api',
  'command-worker',
  'relay',
  'projector',
  'query-api',
  'notifier',
  'tutorial-api',
] as const

export type RoleName = (typeof roleNames)[number]
