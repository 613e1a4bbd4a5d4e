import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeHome } from '../shared/runtime/home.ts'
import { currentPid } from '../shared/runtime/machine.ts'
import { foundPlace, type Place } from '../shared/runtime/presence.ts'
import { type RoleName, roleNames } from '../shared/runtime/role.ts'
import { publicUrls, type Settings } from '../shared/runtime/settings.ts'
import type { Logger } from '../shared/telemetry/logger.ts'
import { Exit } from './exit.ts'
import { isInStyle } from './role-words.ts'
import { run, type Run } from './run.ts'

export interface Up {
  readonly settings: Settings
  readonly logger: Logger
  readonly home: string
  readonly loadWiring: Run['loadWiring']
  readonly stopSignal: Promise<unknown>
  readonly print: (line: string) => void
}

/**
 * The whole system in this process until it is asked to stop. Throws `Exit` (refused) when one
 * runs from this home already.
 */
export async function up({ settings, home, print, ...rest }: Up): Promise<void> {
  const own = onlyUp(home)
  try {
    await run({
      settings: {
        ...settings,
        topology: settings.topology ?? 'apply',
        demoData: settings.demoData ?? true,
      },
      home,
      ...rest,
      migrate: true,
      names: roleNames.filter((name) => isWanted(name, settings)),
      optional: ['tutorial-api'],
      started({ roles }) {
        for (const role of roles) {
          for (const [what, url] of Object.entries(role.urls ?? {})) print(`${what}: ${url}`)
        }
        print(`Try it:\n${exampleCurl(publicUrls(settings).command)}`)
        const place = settings.databaseUrl === undefined ? home : 'the database of DATABASE_URL'
        print(`Ctrl-C stops it; the data stays in ${place}`)
      },
    })
  } finally {
    own.leave()
  }
}

function isWanted(name: RoleName, settings: Settings): boolean {
  const { tutorialPort, pulsarUrl, orderFulfilment } = settings
  if (name === 'tutorial-api') return tutorialPort !== 0
  // Whom it speaks for reaches a real Pulsar only.
  if (name === 'tutorial-bridge') return pulsarUrl !== undefined
  return isInStyle(name, orderFulfilment)
}

function onlyUp(home: string): Place {
  makeHome(home)
  const path = join(home, 'up')
  const place = foundPlace(path)
  if (!place) {
    const pid = readFileSync(`${path}.pid`, 'utf8').trim()
    throw new Exit(
      'refused',
      `./aero up runs already from ${home}, as process ${pid}. Stop that one, or set AERO_HOME to another folder.`,
    )
  }
  writeFileSync(`${path}.pid`, String(currentPid()))
  return place
}

function exampleCurl(commandUrl: string): string {
  const leg = {
    departure: '2030-06-01T10:00:00Z',
    arrival: '2030-06-01T16:00:00Z',
    origin: { code: 'BOG', name: 'El Dorado' },
    destination: { code: 'JFK', name: 'John F. Kennedy' },
  }
  const body = JSON.stringify({ itineraries: [{ odos: [{ segments: [{ legs: [leg] }] }] }] })
  return `curl -i ${commandUrl}/reservations -H 'content-type: application/json' -d '${body}'`
}
