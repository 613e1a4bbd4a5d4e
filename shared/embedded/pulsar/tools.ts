import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Environment } from '../../runtime/settings.ts'

/** The programs that a Pulsar of our own needs. */
export interface Tools {
  readonly java: string
  readonly maven: string
}

/** Thrown when a program is missing or too old; the message says which and how to get it. */
export class MissingTool extends Error {
  override readonly name = 'MissingTool'
}

const leastJava = 17

/**
 * Finds Java 17 or later (JAVA_HOME first, then PATH) and Maven (PATH). Throws `MissingTool`,
 * which names everything that is missing at once.
 */
export function findTools(environment: Environment): Tools {
  const found = javas(environment).map((path) => ({ path, version: javaVersion(path) }))
  const java = found.find(({ version }) => version >= leastJava)?.path
  const maven = onPath('mvn', environment)[0]
  if (java !== undefined && maven !== undefined) return { java, maven }
  const old = found[0] ? ` (found ${found[0].version} at ${found[0].path})` : ''
  const missing = [
    ...(java === undefined ? [`Java ${leastJava} or later${old}`] : []),
    ...(maven === undefined ? ['Maven (mvn on the PATH)'] : []),
  ]
  throw new MissingTool(
    `a Pulsar on this machine needs ${missing.join(' and ')}. Debian and Ubuntu: ` +
      'apt install openjdk-17-jre-headless maven; macOS: brew install openjdk maven (and set JAVA_HOME)',
  )
}

function javas(environment: Environment): string[] {
  const home = environment['JAVA_HOME']
  const named = home ? [join(home, 'bin', 'java')].filter(isExecutable) : []
  return [...named, ...onPath('java', environment)]
}

const onPath = (name: string, environment: Environment): string[] =>
  (environment['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .filter(isExecutable)

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The major version; 0 for one that does not run. Java 8 and older call themselves 1.x. */
function javaVersion(path: string): number {
  const { stderr } = spawnSync(path, ['-version'], { encoding: 'utf8', timeout: 10_000 })
  const [, first = '0', second = '0'] = /version "(\d+)(?:\.(\d+))?/.exec(stderr ?? '') ?? []
  return first === '1' ? Number(second) : Number(first)
}
