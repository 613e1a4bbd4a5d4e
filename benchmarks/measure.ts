import { fileURLToPath } from 'node:url'
import type { Load, LoadResult } from './load.ts'
import { cpuSeconds, diskProbe } from './probe.ts'
import type { SystemUnderTest } from './system.ts'

/** What is asked of a system, and how to see that it was done. */
export interface Task extends Pick<Load, 'path' | 'bodies'> {
  /** How many are done, of all ever asked for. */
  done(system: SystemUnderTest): Promise<number>
}

/** One run of load, and what it cost, per command. */
export interface Measurement extends LoadResult {
  readonly rate: number
  readonly applied: number
  /** Seconds from the end of the load until every accepted command was done. */
  readonly drainSeconds: number
  /** CPU microseconds a command. */
  readonly cpu: { readonly system: number; readonly postgres: number; readonly load: number }
  readonly statementsPerCommand: number
  readonly walBytesPerCommand: number
  /** Milliseconds of an fdatasync, before and after: a rate means little when they differ. */
  readonly disk: { readonly before: number; readonly after: number }
}

export const measure = async (
  system: SystemUnderTest,
  task: Task,
  load: Omit<Load, 'commandUrl' | 'queryUrl' | 'path' | 'bodies'>,
): Promise<Measurement> => {
  const { path, bodies } = task
  const before = await snapshot(system, task)
  const result = await generate({ ...load, path, bodies, ...urlsOf(system) })
  const ended = performance.now()
  const applied = await drained(system, task, before.applied + result.accepted)
  const drainSeconds = (performance.now() - ended) / 1000
  const after = await snapshot(system, task)
  const each = (name: 'system' | 'postgres' | 'wal' | 'statements') =>
    (after[name] - before[name]) / result.accepted
  return {
    ...result,
    rate: result.accepted / result.seconds,
    applied: applied - before.applied,
    drainSeconds,
    cpu: {
      system: each('system') * 1e6,
      postgres: each('postgres') * 1e6,
      load: (result.cpuSeconds / result.accepted) * 1e6,
    },
    statementsPerCommand: each('statements'),
    walBytesPerCommand: each('wal'),
    disk: { before: before.disk, after: after.disk },
  }
}

const urlsOf = ({ commandUrl, queryUrl }: SystemUnderTest) => ({ commandUrl, queryUrl })

const generate = async (load: Load): Promise<LoadResult> => {
  const file = fileURLToPath(new URL('load.ts', import.meta.url))
  const child = Bun.spawn([process.execPath, file, JSON.stringify(load)], { stderr: 'inherit' })
  const printed = await new Response(child.stdout).text()
  if ((await child.exited) !== 0) throw new Error('the load generator failed')
  return JSON.parse(printed) as LoadResult
}

const snapshot = async (system: SystemUnderTest, task: Task) => ({
  disk: diskProbe(system.home),
  system: cpuSeconds(system.pid, system.postgresPid),
  postgres: cpuSeconds(system.postgresPid),
  wal: await walBytes(system),
  statements: await statements(system),
  applied: await task.done(system),
})

const walBytes = async ({ sql }: SystemUnderTest) => {
  const [row] = await sql<{ bytes: string }[]>`
    SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text AS bytes`
  return Number(row?.bytes)
}

const statements = async ({ commandUrl }: SystemUnderTest) => {
  const metrics = await (await fetch(`${commandUrl}/metrics`)).text()
  const lines = [...metrics.matchAll(/^aero_sql_statements_total(?:\{[^}]*\})? (\d+)/gm)]
  return lines.reduce((sum, [, value]) => sum + Number(value), 0)
}

/** Waits until so many are done, 60 s at most; answers how many are. */
const drained = async (system: SystemUnderTest, task: Task, expected: number): Promise<number> => {
  const deadline = Date.now() + 60_000
  for (;;) {
    const applied = await task.done(system)
    if (applied >= expected || Date.now() > deadline) return applied
    await Bun.sleep(20)
  }
}
