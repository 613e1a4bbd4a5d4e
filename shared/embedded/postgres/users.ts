import { spawnSync } from 'node:child_process'
import { closeSync, constants, fstatSync, linkSync, openSync, renameSync, rmSync } from 'node:fs'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { errorCode } from '../../postgres/errors.ts'
import { currentPid } from '../../runtime/machine.ts'
import type { Account } from './account.ts'

/** A place among the users of a Postgres: while one is taken, it runs (see keeper.sh). */
export interface Place {
  /** False once the keeper is gone or going: this place keeps nothing running any more. */
  counts(): boolean
  leave(): void
}

const fifo = (home: string) => join(home, 'users')

/** Joins the users of the Postgres that runs from `home`; undefined when nobody keeps one. */
export function takePlace(home: string): Place | undefined {
  const file = openForWriting(fifo(home))
  return file === undefined ? undefined : placeOf(fifo(home), file)
}

/**
 * Founds the list of users: of many processes that try at once, one gets it, the others undefined.
 * The founder must start a keeper or leave; a founder that dies leaves a stale list, which the
 * next one replaces.
 */
export function foundPlaces(home: string, account: Account): Place | undefined {
  const own = join(home, `users.${currentPid()}`)
  rmSync(own, { force: true })
  const made = spawnSync('mkfifo', ['-m', '600', own], { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`cannot make the FIFO ${own}: ${made.stderr}`)
  account.own(own)
  // Reading and writing at once: it is born with a reader, so a list without one is stale.
  const file = openSync(own, constants.O_RDWR)
  removeStale(home)
  try {
    linkSync(own, fifo(home))
  } catch (error) {
    closeSync(file)
    if (errorCode(error) === 'EEXIST') return undefined
    throw error
  } finally {
    rmSync(own, { force: true })
  }
  return placeOf(fifo(home), file)
}

function removeStale(home: string): void {
  const aside = join(home, `users.${currentPid()}.stale`)
  if (openable(fifo(home))) return
  try {
    renameSync(fifo(home), aside)
    // Somebody may have founded a new one since we looked.
    if (openable(aside)) linkSync(aside, fifo(home))
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes(errorCode(error) ?? '')) throw error
  } finally {
    rmSync(aside, { force: true })
  }
}

function placeOf(path: string, file: number): Place {
  let left = false
  return {
    counts: () => !left && inode(path) === fstatSync(file).ino && openable(path),
    leave() {
      if (!left) closeSync(file)
      left = true
    },
  }
}

const inode = (path: string) => statSync(path, { throwIfNoEntry: false })?.ino

function openable(path: string): boolean {
  const file = openForWriting(path)
  if (file !== undefined) closeSync(file)
  return file !== undefined
}

// Opening a FIFO for writing without blocking says ENXIO where nobody reads it (POSIX, open).
function openForWriting(path: string): number | undefined {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (['ENOENT', 'ENXIO'].includes(errorCode(error) ?? '')) return undefined
    throw error
  }
}
