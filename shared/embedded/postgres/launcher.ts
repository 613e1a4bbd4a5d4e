import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { signalProcess } from '../../runtime/machine.ts'
import { foundPlace, type Place, takePlace } from '../../runtime/presence.ts'
import { chooseAccount } from './account.ts'
import { findBinaries } from './binaries.ts'
import {
  answers,
  dataFolder,
  ensureCluster,
  isAlive,
  isUnburied,
  readPassword,
  readPostmaster,
} from './cluster.ts'
import { logTail, startKeeper } from './keeper.ts'
import { serverOptions } from './options.ts'
import { choosePort } from './port.ts'

export interface PostgresOptions {
  /** The folder of this Postgres: cluster, password, log. Made when missing. */
  readonly dataDir: string
  /** Default: the one used last here, else any free one. A given one that is taken is an error. */
  readonly port?: number
  /** Off: the data does not survive a crash of the machine. For tests. */
  readonly fsync?: boolean
  /** Deletes the folder when the last user has left. For tests. */
  readonly discard?: boolean
  /** Default 60 s, which leaves room for recovery after a crash. */
  readonly deadlineMs?: number
}

export interface EmbeddedPostgres {
  readonly url: string
  readonly pid: number
  /** Resolves when Postgres has stopped, or at once when other processes still use it. Idempotent. */
  stop(): Promise<void>
}

// Longer than a clean stop takes, which looks the same from outside.
const orphanMs = 3000

// Whoever holds a place here keeps Postgres running; see keeper.sh.
const usersOf = (home: string) => join(home, 'users')

/**
 * Starts the Postgres of `dataDir`, or joins it where it runs already. It runs until the last
 * process that called this has stopped or died, however it died, and comes back when it is
 * killed itself. Only loopback, only with the password kept beside the data (mode 0600).
 *
 * Throws when the data belongs to another major version, when `port` is taken, when root cannot
 * step down, and when it is not ready in time; then with the end of Postgres's own log.
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const home = options.dataDir
  const deadline = Date.now() + (options.deadlineMs ?? 60_000)
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const idle = strangers()
  while (Date.now() < deadline) {
    const place =
      takePlace(usersOf(home)) ?? ((await idle(home)) && (await found(home, options, deadline)))
    if (!place) continue
    if (await becomesReady(home, place, deadline)) return handle(home, place)
    place.leave()
  }
  throw new Error(`Postgres in ${home} was not ready in time.${logTail(home)}`)
}

/**
 * Resolves with true when no Postgres that lacks a keeper is in the way. Such a one is either about
 * to stop, or an orphan (all of its keeper was killed) that nobody else will ever stop.
 */
function strangers(): (home: string) => Promise<boolean> {
  let since = 0
  return async (home) => {
    const postmaster = readPostmaster(home)
    const alive = postmaster !== undefined && (await isAlive(postmaster))
    if (!postmaster || (!alive && !isUnburied(postmaster))) return true
    since ||= Date.now()
    if (alive && Date.now() - since > orphanMs) signalProcess(postmaster.pid, 'SIGINT')
    await wait(20)
    return false
  }
}

async function found(
  home: string,
  options: PostgresOptions,
  deadline: number,
): Promise<Place | undefined> {
  const binaries = findBinaries()
  const account = chooseAccount(binaries, home)
  const founder = foundPlace(usersOf(home), account.own)
  if (!founder) return undefined
  try {
    const fsync = options.fsync ?? true
    await ensureCluster(home, binaries, account, fsync)
    const port = await choosePort(home, options.port)
    startKeeper({
      home,
      account,
      discard: options.discard ?? false,
      command: [binaries.postgres, ...serverOptions(dataFolder(home), port, fsync)],
    })
    if (await becomesReady(home, founder, deadline)) return takePlace(usersOf(home))
    if (options.port === undefined && (await answers(port))) return undefined
    throw new Error(`Postgres in ${home} did not start.${logTail(home)}`)
  } finally {
    founder.leave()
  }
}

async function becomesReady(home: string, place: Place, deadline: number): Promise<boolean> {
  while (Date.now() < deadline && place.counts()) {
    const postmaster = readPostmaster(home)
    if (postmaster?.ready && (await isAlive(postmaster))) return true
    await wait(10)
  }
  return false
}

function handle(home: string, place: Place): EmbeddedPostgres {
  const postmaster = readPostmaster(home)
  if (!postmaster) throw new Error(`Postgres in ${home} stopped while it was being joined`)
  return {
    url: `postgres://postgres:${readPassword(home)}@127.0.0.1:${postmaster.port}/postgres`,
    pid: postmaster.pid,
    async stop() {
      place.leave()
      await stopped(home)
    },
  }
}

// The keeper removes the list of users as soon as the last one has left; while the list stays,
// Postgres is somebody else's to stop.
async function stopped(home: string): Promise<void> {
  const soon = Date.now() + 300
  while (existsSync(usersOf(home))) {
    if (Date.now() > soon) return
    await wait(10)
  }
  const deadline = Date.now() + 30_000
  while (readPostmaster(home) && Date.now() < deadline) await wait(10)
}
