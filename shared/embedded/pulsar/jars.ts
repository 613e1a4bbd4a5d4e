import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { errorCode } from '../../postgres/errors.ts'
import { currentPid } from '../../runtime/machine.ts'
import { foundPlace } from '../../runtime/presence.ts'

export interface Fetching {
  /** Where the folder of jars is, or will be made. */
  readonly folder: string
  readonly maven: string
  /** Gets a line now and then while it goes. */
  readonly progress: (line: string) => void
  readonly signal?: AbortSignal
}

const pom = fileURLToPath(new URL('pom.xml', import.meta.url))

const copyDependencies = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'

/** The version of Pulsar that is started here; pom.xml says which. */
export function pulsarVersion(): string {
  return /<pulsar\.version>([\w.-]+)</.exec(readFileSync(pom, 'utf8'))?.[1] ?? 'unknown'
}

/**
 * The folder with the jars of Pulsar, fetched with Maven the first time (240 MB). Complete or
 * absent: a fetch that breaks leaves nothing that is taken for it, and of several at once one
 * fetches while the others wait. Throws with what Maven said.
 */
export async function fetchJars({ folder, ...fetching }: Fetching): Promise<string> {
  const lib = join(folder, `lib-${pulsarVersion()}`)
  mkdirSync(folder, { recursive: true })
  let told = false
  while (!isComplete(lib)) {
    const place = foundPlace(`${lib}.lock`)
    try {
      if (place && !isComplete(lib)) await fetchInto(lib, fetching)
    } finally {
      if (place) rmSync(`${lib}.lock`)
      place?.leave()
    }
    if (place) continue
    if (!told) fetching.progress('another process fetches Pulsar; waiting for it')
    told = true
    await wait(200, undefined, fetching)
  }
  return lib
}

// The copy of the list comes last, so a folder that has it has everything that it names.
const isComplete = (lib: string): boolean =>
  readIfThere(join(lib, 'pom.xml')) === readFileSync(pom, 'utf8')

async function fetchInto(lib: string, fetching: Omit<Fetching, 'folder'>): Promise<void> {
  const draft = `${lib}.${currentPid()}.draft`
  removeDrafts(lib)
  try {
    await runMaven(draft, fetching)
    copyFileSync(pom, join(draft, 'pom.xml'))
    rmSync(lib, { recursive: true, force: true })
    renameSync(draft, lib)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

function removeDrafts(lib: string): void {
  for (const name of readdirSync(dirname(lib))) {
    if (name.endsWith('.draft')) rmSync(join(dirname(lib), name), { recursive: true, force: true })
  }
}

async function runMaven(output: string, { maven, progress, signal }: Omit<Fetching, 'folder'>) {
  progress(`fetching Pulsar ${pulsarVersion()} from Maven Central, once (about 240 MB)`)
  const words = ['-B', '-f', pom, copyDependencies, '-DincludeScope=runtime']
  const child = spawn(maven, [...words, `-DoutputDirectory=${output}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal ? { signal } : {}),
  })
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve).once('error', reject)
  })
  const complaints: string[] = []
  const tell = nowAndThen(progress)
  createInterface(child.stdout).on('line', (line) => {
    if (line.includes('Downloaded from') && line.includes('.jar')) tell()
    if (line.startsWith('[ERROR]')) complaints.push(line.slice(8))
  })
  createInterface(child.stderr).on('line', (line) => complaints.push(line))
  const exitCode = await closed
  if (exitCode === 0) return
  throw new Error(
    `Maven could not fetch Pulsar (exit code ${exitCode}). Is Maven Central, or the mirror named in ` +
      `Maven's settings.xml, reachable? Start again to try again.\n${complaints.slice(0, 5).join('\n')}`,
  )
}

function nowAndThen(progress: (line: string) => void): () => void {
  let count = 0
  return () => {
    count += 1
    if (count % 40 === 0) progress(`fetched ${count} files`)
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}
