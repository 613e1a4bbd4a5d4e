import { spawnSync } from 'node:child_process'
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { errorCode } from '../postgres/errors.ts'
import { currentPid } from './machine.ts'

/**
 * A place at a FIFO, held until the process leaves or dies: the kernel gives it up for whoever is
 * killed, which no file with a process id in it can promise.
 */
export interface Place {
  /** False once the FIFO was removed or replaced, or nobody reads it: the place means nothing now. */
  counts(): boolean
  leave(): void
}

/** Takes a place beside the others at `path`; undefined when nobody alive reads the FIFO. */
export function takePlace(path: string): Place | undefined {
  const file = openForWriting(path)
  return file === undefined ? undefined : placeOf(path, file)
}

/**
 * Founds the FIFO at `path` and reads it: of many processes that try at once one gets it, the others
 * undefined, as long as the founder or a reader it has started lives. What a dead one left
 * behind is replaced. `own` may give the file to another account.
 */
export function foundPlace(
  path: string,
  own: (path: string) => void = () => {},
): Place | undefined {
  const draft = `${path}.${currentPid()}`
  rmSync(draft, { force: true })
  const made = spawnSync('mkfifo', ['-m', '600', draft], { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`cannot make the FIFO ${draft}: ${made.stderr}`)
  own(draft)
  // Reading and writing at once: it is born with a reader, so one without a reader is stale.
  const file = openSync(draft, constants.O_RDWR)
  try {
    removeStale(path)
    linkSync(draft, path)
  } catch (error) {
    closeSync(file)
    if (errorCode(error) === 'EEXIST') return undefined
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
  return placeOf(path, file)
}

function removeStale(path: string): void {
  const aside = `${path}.${currentPid()}.stale`
  if (openable(path)) return
  try {
    renameSync(path, aside)
    // Somebody may have founded a new one since we looked.
    if (openable(aside)) linkSync(aside, path)
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
