import { readdir } from 'node:fs/promises'

export interface Phase {
  readonly files: readonly string[]
  /** How many worker processes share the files. */
  readonly workers: number
}

/** Suites that start whole systems need both cores for themselves, so they run alone, at the end. */
const heavy = /\.(e2e|chaos)\.test\.tsx?$/

/** Every test file under `root`, relative to it and sorted. Folders with a dot are not ours. */
export const findTestFiles = async (root: string): Promise<readonly string[]> => {
  const entries = await readdir(root, { withFileTypes: true })
  const rooms = entries
    .filter((entry) => entry.isDirectory() && !/^(\.|node_modules$)/.test(entry.name))
    .map((entry) => entry.name)
  const scan = async (room: string) => {
    const files = new Bun.Glob('**/*.test.{ts,tsx}').scan({ cwd: `${root}/${room}` })
    return (await Array.fromAsync(files)).map((file) => `${room}/${file}`)
  }
  return (await Promise.all(rooms.map(scan))).flat().sort()
}

/** The files whose path contains one of `patterns` (all without a pattern), in the phases to run. */
export const plan = (
  files: readonly string[],
  patterns: readonly string[],
  cores: number,
): readonly Phase[] => {
  const wanted = files.filter(
    (file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)),
  )
  return [
    { files: wanted.filter((file) => !heavy.test(file)), workers: Math.max(2, cores) },
    { files: wanted.filter((file) => heavy.test(file)), workers: 1 },
  ].filter((phase) => phase.files.length > 0)
}
