import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { startPostgres } from '../shared/embedded/postgres/launcher.ts'
import { checkout, postgresFolder } from '../shared/runtime/home.ts'

/** A system started for the bench alone: its own home, its own ports, one process for all roles. */
export interface SystemUnderTest {
  readonly home: string
  readonly commandUrl: string
  readonly queryUrl: string
  readonly pid: number
  readonly postgresPid: number
  readonly sql: postgres.Sql
  stop(): Promise<void>
}

export const startSystem = async (): Promise<SystemUnderTest> => {
  const home = mkdtempSync(join(tmpdir(), 'aero-bench-'))
  const [command, query] = await Promise.all([freePort(), freePort()])
  const child = Bun.spawn([process.execPath, 'main.ts', 'up'], {
    cwd: checkout,
    env: {
      ...process.env,
      AERO_HOME: home,
      COMMAND_PORT: String(command),
      QUERY_PORT: String(query),
      TUTORIAL_PORT: '0',
      LOG_LEVEL: 'warn',
    },
    stdout: 'ignore',
    stderr: 'inherit',
  })
  const [commandUrl, queryUrl] = [`http://127.0.0.1:${command}`, `http://127.0.0.1:${query}`]
  await Promise.all([ready(commandUrl), ready(queryUrl)])
  const database = await startPostgres({ dataDir: postgresFolder(home) })
  const sql = postgres(database.url, { max: 1, onnotice: () => {} })
  return {
    home,
    commandUrl,
    queryUrl,
    pid: child.pid,
    postgresPid: database.pid,
    sql,
    async stop() {
      await sql.end()
      child.kill('SIGTERM')
      await child.exited
      await database.stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

const ready = async (url: string) => {
  const deadline = Date.now() + 30_000
  while (Date.now() < deadline) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined)
    if (answer?.ok) return
    await Bun.sleep(25)
  }
  throw new Error(`${url} was not ready within 30 s`)
}

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
