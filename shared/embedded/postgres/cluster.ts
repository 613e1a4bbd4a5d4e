import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { errorCode } from '../../postgres/errors.ts'
import { currentPid, processExists } from '../../runtime/machine.ts'
import type { Account } from './account.ts'
import type { Binaries } from './binaries.ts'

/** What `postmaster.pid` says: https://www.postgresql.org/docs/18/storage-file-layout.html */
export interface Postmaster {
  readonly pid: number
  readonly port: number
  readonly ready: boolean
}

export const dataFolder = (home: string): string => join(home, 'data')

/** Undefined when no Postgres has run here since the last clean stop. May be stale. */
export function readPostmaster(home: string): Postmaster | undefined {
  const [pid, , , port, , , , status] = readIfThere(join(dataFolder(home), 'postmaster.pid'))
  if (!pid) return undefined
  return { pid: Number(pid), port: Number(port), ready: status?.trim() === 'ready' }
}

function readIfThere(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}

/**
 * Looks whether it answers too: the id can be another's by now. An answer alone says nothing: what a
 * killed one was about to start keeps its port for a moment.
 */
export async function isAlive(postmaster: Postmaster): Promise<boolean> {
  const { pid, port } = postmaster
  return processExists(pid) && !isUnburied(postmaster) && (await answers(port))
}

/**
 * A killed Postgres whose zombie nobody has buried yet. A new one would take it for alive and refuse.
 * Known on Linux only.
 */
export function isUnburied({ pid }: Postmaster): boolean {
  return readIfThere(`/proc/${pid}/stat`)[0]?.includes(' (postgres) Z ') ?? false
}

export const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(true)).once('error', () => end(false))
  })

export const readPassword = (home: string): string =>
  readFileSync(join(home, 'password'), 'utf8').trim()

/**
 * Makes the cluster unless there is one: UTF-8, the builtin C.UTF-8 locale (the same order on
 * every machine; ICU collations remain available), scram passwords. All or nothing.
 * Throws, touching nothing, when the files belong to another major version.
 */
export async function ensureCluster(
  home: string,
  binaries: Binaries,
  account: Account,
  fsync: boolean,
): Promise<void> {
  const version = join(dataFolder(home), 'PG_VERSION')
  if (!existsSync(version)) return makeCluster(home, binaries, account, fsync)
  const found = readFileSync(version, 'utf8').trim()
  if (found === binaries.major) return
  throw new Error(
    `${dataFolder(home)} was written by Postgres ${found}, this is Postgres ${binaries.major}. ` +
      'Nothing was touched. Dump it with the old version, or choose another AERO_HOME.',
  )
}

async function makeCluster(
  home: string,
  binaries: Binaries,
  account: Account,
  fsync: boolean,
): Promise<void> {
  const password = join(home, 'password')
  for (const name of readdirSync(home)) {
    if (name.startsWith('data.')) rmSync(join(home, name), { recursive: true })
  }
  writeFileSync(password, randomBytes(24).toString('hex'), { mode: 0o600 })
  account.own(password)
  const draft = `${dataFolder(home)}.${currentPid()}`
  const words = [...account.prefix, binaries.initdb, '-D', draft, ...initOptions(password)]
  try {
    await runAlone(fsync ? words : [...words, '--no-sync'], account)
  } catch (cause) {
    rmSync(draft, { recursive: true, force: true })
    throw new Error(`initdb failed in ${home}: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    })
  }
  renameSync(draft, dataFolder(home))
}

// In a session of its own: a Ctrl-C in the terminal is for us, and what was begun is finished first.
function runAlone([program = '', ...words]: readonly string[], account: Account): Promise<void> {
  const child = spawn(program, words, {
    ...account.identity,
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let complaint = ''
  child.stderr.on('data', (text) => (complaint += text))
  child.once('error', reject)
  child.once('close', (status) => (status === 0 ? resolve() : reject(new Error(complaint))))
  return promise
}

const initOptions = (password: string) => [
  '--username=postgres',
  `--pwfile=${password}`,
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
]
