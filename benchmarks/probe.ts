import {
  closeSync,
  fdatasyncSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

const ticksPerSecond = 100

/** CPU seconds that a process and its descendants but `without` have used so far (Linux). */
export const cpuSeconds = (pid: number, without?: number): number =>
  processTree(pid, without).reduce((sum, { ticks }) => sum + ticks / ticksPerSecond, 0)

/** Resident memory of a process and its descendants in MiB, shared pages counted once (PSS). */
export const memoryMiB = (pid: number): number =>
  processTree(pid).reduce((sum, process) => sum + pssKiB(process.pid) / 1024, 0)

/** Milliseconds of one fdatasync of a 8 KiB write in `folder`: median of 50. */
export const diskProbe = (folder: string): number => {
  const file = join(folder, `probe-${process.pid}`)
  const descriptor = openSync(file, 'w')
  const page = Buffer.alloc(8192, 1)
  const times = Array.from({ length: 50 }, (_, index) => {
    const start = performance.now()
    writeSync(descriptor, page, 0, page.length, index * page.length)
    fdatasyncSync(descriptor)
    return performance.now() - start
  })
  closeSync(descriptor)
  rmSync(file)
  return percentile(times, 0.5)
}

export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

interface ProcessEntry {
  readonly pid: number
  readonly parent: number
  readonly ticks: number
}

const processTree = (root: number, without?: number): ProcessEntry[] => {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => entryOf(Number(name)))
    .filter(({ pid }) => pid !== without)
  const found = all.filter(({ pid }) => pid === root)
  for (const { pid } of found) found.push(...all.filter(({ parent }) => parent === pid))
  return found
}

const entryOf = (pid: number): ProcessEntry[] => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    // proc(5): ppid is field 4; utime, stime, cutime, cstime are 14 to 17, counted from 1.
    const [parent = 0, ticks = 0] = [fields[1], fields.slice(11, 15).reduce((a, b) => a + b, 0)]
    return [{ pid, parent, ticks }]
  } catch {
    return []
  }
}

const pssKiB = (pid: number): number => {
  try {
    return Number(
      /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0,
    )
  } catch {
    return 0
  }
}
