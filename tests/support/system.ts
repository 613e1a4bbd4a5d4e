import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { startPostgres } from '../../shared/embedded/postgres/launcher.ts'
import { checkout, postgresFolder } from '../../shared/runtime/home.ts'

/** A folder for one system of its own, deleted by `remove`. */
export interface TemporaryHome {
  readonly folder: string
  /** A connection to the embedded Postgres of this home; keeps it running until closed. */
  database(): Promise<HomeDatabase>
  remove(): void
}

export interface HomeDatabase {
  readonly sql: postgres.Sql
  readonly pid: number
  close(): Promise<void>
}

export const temporaryHome = (): TemporaryHome => {
  const folder = mkdtempSync(join(tmpdir(), 'aero-home-'))
  return {
    folder,
    async database() {
      const database = await startPostgres({ dataDir: postgresFolder(folder) })
      const sql = postgres(database.url, { max: 2, onnotice: () => {} })
      return {
        sql,
        pid: database.pid,
        async close() {
          await sql.end({ timeout: 1 })
          await database.stop()
        },
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** One process of ours: `main.ts` with these arguments, on ports of its own. */
export interface RunningProcess {
  readonly commandUrl: string
  readonly queryUrl: string
  readonly tutorialUrl: string
  readonly opsUrl: string
  readonly pid: number
  readonly exited: Promise<number>
  /** Everything it has written so far. */
  output(): string
  /** Drains it. */
  stop(): Promise<number>
  /** SIGKILL: no chance to say goodbye. */
  kill(): Promise<void>
}

export type Environment = Readonly<Record<string, string>>

export interface StartOptions {
  readonly home: string
  readonly env?: Environment
  /** What runs main.ts. Default: the Bun of this test. */
  readonly runtime?: readonly string[]
  /** Which of its addresses must answer `/readyz` before it counts as started. */
  readonly until: readonly ('commandUrl' | 'queryUrl' | 'tutorialUrl' | 'opsUrl')[]
}

/** Starts `./aero <args>` and waits until it is ready. Throws with its output when it is not within 30 s. */
export const start = async (
  args: readonly string[],
  { home, env = {}, until, runtime = [process.execPath] }: StartOptions,
): Promise<RunningProcess> => {
  const ports = await freePorts(4)
  const names = ['COMMAND_PORT', 'QUERY_PORT', 'TUTORIAL_PORT', 'OPS_PORT']
  const given = Object.fromEntries(names.map((name, index) => [name, String(ports[index])]))
  const child = Bun.spawn([...runtime, 'main.ts', ...args], {
    cwd: checkout,
    // A Pulsar that is there for other suites is none for this system unless `env` says so.
    env: {
      ...process.env,
      PULSAR_URL: '',
      TOPOLOGY: 'apply',
      LOG_LEVEL: 'warn',
      ...given,
      ...env,
      AERO_HOME: home,
    },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const written: string[] = []
  void collect(child.stdout, written)
  void collect(child.stderr, written)
  const at = (name: string) => `http://127.0.0.1:${env[name] ?? given[name]}`
  const running: RunningProcess = {
    commandUrl: at('COMMAND_PORT'),
    queryUrl: at('QUERY_PORT'),
    tutorialUrl: at('TUTORIAL_PORT'),
    opsUrl: at('OPS_PORT'),
    pid: child.pid,
    exited: child.exited,
    output: () => written.join(''),
    async stop() {
      child.kill('SIGTERM')
      return child.exited
    },
    async kill() {
      child.kill('SIGKILL')
      await child.exited
    },
  }
  await Promise.all(until.map((name) => ready(running, running[name])))
  return running
}

const ready = async (running: RunningProcess, url: string) => {
  const path = url === running.tutorialUrl ? '/health' : '/readyz'
  await eventually(`${url}${path} answers`, async () => {
    const answer = await fetch(`${url}${path}`).catch(() => undefined)
    return answer?.ok
  }).catch((error: Error) => {
    throw new Error(`${error.message}\n${running.output()}`)
  })
}

/** Polls until `probe` gives something truthy; throws, naming `what`, after `seconds`. */
export const eventually = async <T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  seconds = 30,
): Promise<T> => {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    const found = await probe()
    if (found) return found
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`)
    await Bun.sleep(20)
  }
}

const collect = async (stream: ReadableStream<Uint8Array>, into: string[]) => {
  const decoder = new TextDecoder()
  for await (const chunk of stream) into.push(decoder.decode(chunk, { stream: true }))
}

/** Ports that were free a moment ago, all different. */
export const freePorts = async (count: number): Promise<number[]> => {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(servers.map(listen))
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

const listen = (server: ReturnType<typeof createServer>) =>
  new Promise<number>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
