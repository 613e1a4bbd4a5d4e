import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { checkout } from '../../shared/runtime/home.ts'

export interface Dependency {
  readonly condition: 'service_healthy' | 'service_completed_successfully' | 'service_started'
  readonly required?: boolean
}

export interface ComposeService {
  readonly image: string
  readonly build?: string
  readonly user?: string
  readonly entrypoint?: readonly string[]
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string | number>>
  readonly profiles?: readonly string[]
  readonly depends_on?: Readonly<Record<string, Dependency>>
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly restart?: string
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly tmpfs?: readonly string[]
  readonly volumes?: readonly string[]
  readonly ports?: readonly string[]
  readonly networks?: readonly string[] | Readonly<Record<string, { aliases?: string[] } | null>>
}

export interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>
  readonly volumes: Readonly<Record<string, unknown>>
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>
}

/** docker-compose.yml with its variables filled in, as `docker compose config` does. */
export function composeFile(variables: Readonly<Record<string, string>> = {}): Compose {
  const text = readFileSync(join(checkout, 'docker-compose.yml'), 'utf8')
  const filled = text.replaceAll(
    /\$\{([A-Z_]+):-([^}]*)\}/g,
    (_, name: string, fallback: string) => variables[name] ?? fallback,
  )
  return parse(filled, { merge: true, maxAliasCount: -1 }) as Compose
}

/** Those that are started with this profile. */
export const servicesOf = ({ services }: Compose, profile: string) =>
  Object.entries(services).filter(
    ([, service]) => service.profiles === undefined || service.profiles.includes(profile),
  )

/** `name=value` lines, comments left out. */
export const properties = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
