import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { errorCode } from '../../postgres/errors.ts'
import { foundPlace, type Place, takePlace } from '../../runtime/presence.ts'
import { choosePorts, type Ports, type WantedPorts } from './free-ports.ts'
import { javaCommand } from './java-command.ts'
import { endOrphan, keptPid, logSize, logTail, readLog, startKeeper } from './keeper.ts'
import { type Secured, standaloneConf } from './standalone-conf.ts'

export interface PulsarOptions extends WantedPorts {
  /** The folder of this Pulsar: `data`, configuration, log. Absolute. Made when missing. */
  readonly home: string
  readonly java: string
  /** The folder that `fetchJars` answered. */
  readonly lib: string
  readonly secured?: Secured
  /** Deletes the data first. Not while others use it. */
  readonly clean?: boolean
  /** Healthy sooner, slower afterwards. For tests that measure nothing. */
  readonly briefly?: boolean
  /** Deletes the folder when the last user has left. For tests. */
  readonly discard?: boolean
  /** Default 120 s: a busy machine needs far longer than the usual 6 s. */
  readonly deadlineMs?: number
  readonly signal?: AbortSignal
}

export interface StandalonePulsar {
  readonly url: string
  readonly adminUrl: string
  /** Only when secured: `pulsar+ssl://` and `https://`. */
  readonly tlsUrl: string
  readonly tlsAdminUrl: string
  readonly pid: number
  /** False once Pulsar has ended, whoever ended it. */
  isRunning(): boolean
  /** Resolves when Pulsar has stopped, or at once when other processes still use it. Idempotent. */
  stop(): Promise<void>
}

// Whoever holds a place here keeps Pulsar running; see keeper.sh.
const usersOf = (home: string) => join(home, 'users')
const addressOf = (home: string) => join(home, 'address.json')

/**
 * Starts the Pulsar of `home`, or joins it where it runs already. It runs until the last process
 * that called this has stopped or died, however it died. Only on loopback. Resolves when Pulsar
 * calls itself healthy: it has stored and read a message.
 *
 * Throws `PulsarPortTaken`; and when Pulsar ends or is not healthy in time, with the end of its log.
 * An aborted `signal` stops what was begun and throws its reason.
 */
export async function startPulsar(options: PulsarOptions): Promise<StandalonePulsar> {
  const { home, signal } = options
  const deadline = Date.now() + (options.deadlineMs ?? 120_000)
  mkdirSync(home, { recursive: true, mode: 0o700 })
  while (Date.now() < deadline) {
    signal?.throwIfAborted()
    const place = takePlace(usersOf(home)) ?? (await found(options, deadline))
    if (place && (await becomesHealthy(options, place, deadline))) return handle(home, place)
    place?.leave()
    await wait(50)
  }
  throw new Error(`Pulsar in ${home} was not healthy in time.${logTail(home)}`)
}

/** Undefined when it is worth another try: somebody else was quicker, or took one of our ports. */
async function found(options: PulsarOptions, deadline: number): Promise<Place | undefined> {
  const { home } = options
  const founder = foundPlace(usersOf(home))
  if (!founder) return undefined
  try {
    await previousEnds(home)
    if (options.clean) rmSync(join(home, 'data'), { recursive: true, force: true })
    const before = logSize(home)
    await launch(options, await choosePorts(options))
    if (await becomesHealthy(options, founder, deadline)) return takePlace(usersOf(home))
    options.signal?.throwIfAborted()
    const free = !options.port && !options.webPort
    if (free && /BindException|Address already in use/.test(readLog(home, before))) return undefined
    throw new Error(`Pulsar in ${home} did not start.${logTail(home)}`)
  } finally {
    founder.leave()
    await stopped(home)
  }
}

/** Resolves when no other Pulsar has its hands on the data: one that stops, or one without a keeper. */
async function previousEnds(home: string): Promise<void> {
  for (let leaving; (leaving = takePlace(join(home, 'leaving'))); await wait(50)) leaving.leave()
  await endOrphan(home)
}

async function launch(
  { home, java, lib, secured, discard, briefly = false }: PulsarOptions,
  ports: Ports,
): Promise<void> {
  const [conf, data] = [join(home, 'standalone.conf'), join(home, 'data')]
  writeFileSync(conf, standaloneConf(ports, secured), { mode: 0o600 })
  writeFileSync(addressOf(home), JSON.stringify(ports))
  const command = javaCommand({ java, lib, conf, data, bookiePort: ports.bookie, briefly })
  startKeeper(home, discard ?? false, command)
  while (keptPid(home) === undefined) await wait(10)
}

async function becomesHealthy(
  { home, secured, signal }: PulsarOptions,
  place: Place,
  deadline: number,
): Promise<boolean> {
  const headers = secured ? { authorization: `Bearer ${secured.adminToken}` } : {}
  while (Date.now() < deadline && place.counts() && !signal?.aborted) {
    const ports = readPorts(home)
    if (ports && (await isHealthy(ports.web, headers))) return true
    await wait(150)
  }
  return false
}

async function isHealthy(port: number, headers: Record<string, string>): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/admin/v2/brokers/health`, {
      headers,
      signal: AbortSignal.timeout(10_000),
    })
    return answer.ok && (await answer.text()) === 'ok'
  } catch {
    // Nothing listens there yet; the deadline and the end of Pulsar itself bound the asking.
    return false
  }
}

function handle(home: string, place: Place): StandalonePulsar {
  const [ports, pid] = [readPorts(home), keptPid(home)]
  if (!ports || pid === undefined) throw new Error(`Pulsar in ${home} ended while it was joined`)
  return {
    url: `pulsar://127.0.0.1:${ports.broker}`,
    adminUrl: `http://127.0.0.1:${ports.web}`,
    tlsUrl: `pulsar+ssl://127.0.0.1:${ports.brokerTls}`,
    tlsAdminUrl: `https://127.0.0.1:${ports.webTls}`,
    pid,
    isRunning: () => place.counts(),
    async stop() {
      place.leave()
      await stopped(home)
    },
  }
}

// The keeper removes the list of users as soon as the last one has left; while the list stays,
// Pulsar is somebody else's to stop.
async function stopped(home: string): Promise<void> {
  const soon = Date.now() + 300
  while (existsSync(usersOf(home))) {
    if (Date.now() > soon) return
    await wait(10)
  }
  const deadline = Date.now() + 30_000
  while (keptPid(home) !== undefined && Date.now() < deadline) await wait(20)
}

function readPorts(home: string): Ports | undefined {
  try {
    return JSON.parse(readFileSync(addressOf(home), 'utf8')) as Ports
  } catch (error) {
    // A half-written one is read again.
    if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}
