import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fetchJars, pulsarVersion } from '../shared/embedded/pulsar/jars.ts'
import { type StandalonePulsar, startPulsar } from '../shared/embedded/pulsar/launcher.ts'
import { findTools, type Tools } from '../shared/embedded/pulsar/tools.ts'
import { checkout, makeHome, pulsarFolder } from '../shared/runtime/home.ts'
import { currentPid } from '../shared/runtime/machine.ts'
import { foundPlace, type Place } from '../shared/runtime/presence.ts'
import type { Environment } from '../shared/runtime/settings.ts'
import { Exit } from './exit.ts'

export interface RunPulsar {
  readonly environment: Environment
  readonly home: string
  readonly port: number
  readonly webPort: number
  readonly clean: boolean
  readonly stopSignal: Promise<unknown>
  /** The one line that says where it is reached. */
  readonly print: (line: string) => void
  readonly progress: (line: string) => void
}

/**
 * A real Pulsar in the foreground until it is asked to stop, whatever it does at that moment. Throws
 * `Exit` (refused) when one runs from this home already, `MissingTool`, `PulsarPortTaken`, and when
 * Pulsar does not start or ends by itself.
 */
export async function runPulsar(options: RunPulsar): Promise<void> {
  const tools = findTools(options.environment)
  const folder = pulsarFolder(options.home)
  const place = onlyOne(options.home, folder)
  const asked = new AbortController()
  void options.stopSignal.then(() => asked.abort())
  try {
    const pulsar = await start(options, tools, asked.signal)
    options.print(`Pulsar ${pulsarVersion()} is ready: ${pulsar.url}, admin ${pulsar.adminUrl}`)
    const wanted = await asksToStop(pulsar, asked.signal)
    await pulsar.stop()
    if (!wanted) throw new Exit('failed', `Pulsar ended by itself; ${folder}/pulsar.log says why`)
  } catch (error) {
    // Whoever asks it to stop while it starts has got what they wanted.
    if (!asked.signal.aborted) throw error
  } finally {
    place.leave()
  }
}

async function start(
  { port, webPort, clean, progress, home }: RunPulsar,
  { java, maven }: Tools,
  signal: AbortSignal,
): Promise<StandalonePulsar> {
  // The jars belong to the checkout, as its other libraries do; the data belongs to AERO_HOME.
  const folder = pulsarFolder(join(checkout, '.aero'))
  const lib = await fetchJars({ folder, maven, progress, signal })
  progress('starting Pulsar')
  return startPulsar({ home: pulsarFolder(home), java, lib, port, webPort, clean, signal })
}

/** Resolves with true when it is asked to stop, with false when Pulsar has ended by itself. */
async function asksToStop(pulsar: StandalonePulsar, signal: AbortSignal): Promise<boolean> {
  while (pulsar.isRunning()) {
    await wait(500, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return true
  }
  return false
}

function onlyOne(home: string, folder: string): Place {
  makeHome(home)
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'command')
  const place = foundPlace(path)
  if (!place) {
    const pid = readFileSync(`${path}.pid`, 'utf8').trim()
    throw new Exit(
      'refused',
      `./aero pulsar runs already from ${folder}, as process ${pid}. Stop that one, or set AERO_HOME to another folder.`,
    )
  }
  writeFileSync(`${path}.pid`, String(currentPid()))
  return place
}
