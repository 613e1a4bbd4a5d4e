import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { newKey } from '../kernel/sealing.ts'
import { errorCode } from '../postgres/errors.ts'
import { currentPid } from './machine.ts'
import type { Environment } from './settings.ts'

/** The folder of this checkout, wherever the process was started from. */
export const checkout: string = fileURLToPath(new URL('../..', import.meta.url))

/** AERO_HOME, else `.aero` in the checkout. Makes nothing. */
export const homeFolder = (environment: Environment): string =>
  environment['AERO_HOME'] ? resolve(environment['AERO_HOME']) : join(checkout, '.aero')

export const postgresFolder = (home: string): string => join(home, 'postgres')

export const pulsarFolder = (home: string): string => join(home, 'pulsar')

// Everybody may pass through (Postgres runs as another account when root starts it), nobody may
// list it, and each thing inside has its own rights.
const passable = 0o711

/** Makes the folder when it is missing. Throws when it cannot, naming it. */
export function makeHome(home: string): void {
  try {
    mkdirSync(home, { recursive: true, mode: passable })
  } catch (cause) {
    throw new Error(`cannot make ${home} (${errorCode(cause)}); set AERO_HOME to another folder`, {
      cause,
    })
  }
}

const secretNames = ['TICKET_SECRET', 'CREDENTIAL_KEY', 'JWT_SECRET']

/** The secrets that `makeSecrets` has left in this home, by variable; none when there is no home. */
export function readSecrets(home: string): Environment {
  const file = join(home, 'secrets.json')
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Environment
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return {}
    throw new Error(`cannot read ${file}: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    })
  }
}

/**
 * Makes the secrets that this home lacks (mode 0600) and returns all. Processes that start at once
 * agree on the same ones.
 */
export function makeSecrets(home: string): Environment {
  const kept = readSecrets(home)
  if (secretNames.every((name) => kept[name])) return kept
  makeHome(home)
  const file = join(home, 'secrets.json')
  const draft = `${file}.${currentPid()}`
  const all = { ...Object.fromEntries(secretNames.map((name) => [name, newKey()])), ...kept }
  writeFileSync(draft, `${JSON.stringify(all, undefined, 2)}\n`, { mode: 0o600 })
  try {
    // A link, unlike a rename, never replaces what another process has made meanwhile.
    if (Object.keys(kept).length === 0) linkSync(draft, file)
    else renameSync(draft, file)
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
  return readSecrets(home)
}

/** Whether every host of `pulsar://host[:port][,host...]` is this machine, so that nobody else shares it. */
export const isOnThisMachine = (serviceUrl: string): boolean =>
  serviceUrl
    .replace(/^[^/]*:\/\//, '')
    .split(',')
    .every((host) => /^(127(\.\d+){3}|localhost|\[::1\])(:\d+)?\/?$/.test(host.trim()))
