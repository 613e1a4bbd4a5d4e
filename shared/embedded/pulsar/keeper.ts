import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { errorCode } from '../../postgres/errors.ts'
import { processExists, signalProcess } from '../../runtime/machine.ts'

const log = (home: string) => join(home, 'pulsar.log')
const pidFile = (home: string) => join(home, 'pulsar.pid')

/**
 * Starts keeper.sh in a session of its own, so that Ctrl-C in a terminal reaches only who started
 * it, which then stops Pulsar in its own time.
 */
export function startKeeper(home: string, discard: boolean, command: readonly string[]): void {
  if (existsSync(log(home)) && statSync(log(home)).size > 1_000_000) truncateSync(log(home))
  // Comments are left out: the whole text is what a list of processes shows.
  const script = readFileSync(new URL('keeper.sh', import.meta.url), 'utf8').replaceAll(
    /^ *#.*\n/gm,
    '',
  )
  const words = ['-c', script, 'aeroalpes-pulsar', home, discard ? 'discard' : 'keep', ...command]
  spawn('sh', words, { cwd: '/', detached: true, stdio: 'ignore' }).unref()
}

/** The process id of the Pulsar of this folder; undefined when none has been left unstopped. */
export function keptPid(home: string): number | undefined {
  const pid = Number(readIfThere(pidFile(home)))
  return pid > 0 ? pid : undefined
}

/**
 * Kills a Pulsar whose keeper was killed: nobody else would ever stop it, and its files are locked.
 * A process that has got the id of an ended one is left alone.
 */
export async function endOrphan(home: string): Promise<void> {
  const pid = keptPid(home)
  if (pid === undefined) return
  if (isPulsarOf(home, pid)) signalProcess(pid, 'SIGKILL')
  while (isPulsarOf(home, pid)) await wait(20)
  rmSync(pidFile(home))
}

// The command line of a zombie is empty.
const isPulsarOf = (home: string, pid: number) =>
  processExists(pid) && commandLine(pid).includes(join(home, 'data'))

const commandLine = (pid: number) =>
  existsSync('/proc/self/cmdline')
    ? readIfThere(`/proc/${pid}/cmdline`)
    : spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).stdout

/** What Pulsar has written to its log from `offset` (bytes) on. */
export function readLog(home: string, offset = 0): string {
  return Buffer.from(readIfThere(log(home)))
    .subarray(offset)
    .toString()
}

export const logSize = (home: string): number =>
  statSync(log(home), { throwIfNoEntry: false })?.size ?? 0

/** The end of Pulsar's own log, for an error message; stack traces are left out. */
export function logTail(home: string): string {
  const lines = readLog(home)
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '' && !/^\s*(at |\.\.\. \d+ more)/.test(line))
    .slice(-8)
  return ` The end of ${log(home)}:\n${lines.map((line) => `  ${line}`).join('\n')}`
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return ''
    throw error
  }
}
