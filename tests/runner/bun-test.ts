import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Phase } from './plan.ts'
import { type Outcome, readReport, settle } from './report.ts'

export interface RunOptions {
  readonly root: string
  /** When the runner is ended although it still works, as `Date.now()`. */
  readonly deadline: number
}

/** A hung or stubborn runner gets this long between SIGTERM and SIGKILL. */
const graceMs = 5000

/** Runs one phase with `bun test`, its output going straight to ours, and counts what came of it. */
export const bunTest = async (phase: Phase, options: RunOptions): Promise<Outcome> => {
  const folder = await mkdtemp(join(tmpdir(), 'aero-test-'))
  const report = join(folder, 'junit.xml')
  try {
    const exitCode = await runToEnd(commandLine(phase, report), options)
    return settle(phase.files, readReport(await readIfThere(report)), exitCode)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const commandLine = (phase: Phase, report: string): string[] => [
  process.execPath,
  'test',
  `--parallel=${phase.workers}`,
  '--only-failures',
  '--timeout=20000',
  '--reporter=junit',
  `--reporter-outfile=${report}`,
  ...phase.files.map((file) => `./${file}`),
]

const runToEnd = async (command: string[], { root, deadline }: RunOptions): Promise<number> => {
  // Both phases share one test cluster (tests/support/postgres.ts).
  const env = { ...process.env, AERO_TEST_CLUSTER: `${process.pid}` }
  const child = Bun.spawn(command, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] })
  let stubborn: Timer | undefined
  const end = () => {
    child.kill('SIGTERM')
    stubborn ??= setTimeout(() => child.kill('SIGKILL'), graceMs)
  }
  const late = setTimeout(end, Math.max(0, deadline - Date.now()))
  process.on('SIGINT', end).on('SIGTERM', end)
  try {
    return await child.exited
  } finally {
    clearTimeout(late)
    clearTimeout(stubborn)
    process.off('SIGINT', end).off('SIGTERM', end)
  }
}

/** A runner that crashed leaves no report; then every file counts as failed. */
const readIfThere = async (path: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}
