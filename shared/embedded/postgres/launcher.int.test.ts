import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { takePlace } from '../../runtime/presence.ts'
import { until } from '../../../tests/support/until.ts'
import { answers, readPostmaster } from './cluster.ts'
import { type EmbeddedPostgres, startPostgres } from './launcher.ts'

const folders: string[] = []
const running: EmbeddedPostgres[] = []
const children = new Set<Bun.Subprocess>()

const parent = await mkdtemp(join(tmpdir(), 'aero-launcher-'))

const fresh = join(parent, 'fresh')

beforeAll(async () => {
  const { stop } = await startPostgres({ dataDir: fresh, fsync: false })
  await stop()
  await rm(join(fresh, 'port'))
})

/** The home of a Postgres of its own; a copy of one is quicker to have than a new one. */
const newFolder = async () => {
  const folder = join(parent, `home-${folders.length}`)
  folders.push(folder)
  await Bun.$`cp -a ${fresh} ${folder}`
  return folder
}

const start = async (dataDir: string) => {
  const started = await startPostgres({ dataDir, fsync: false })
  running.push(started)
  return started
}

const ask = async (url: string, text: string) => {
  const sql = postgres(url, { max: 1 })
  try {
    return (await sql.unsafe(text)) as unknown as Record<string, unknown>[]
  } finally {
    await sql.end()
  }
}

const portOf = (url: string) => Number(new URL(url).port)

function isKept(dataDir: string): boolean {
  const place = takePlace(join(dataDir, 'users'))
  place?.leave()
  return place !== undefined
}

function groupOf(pid: number): number | undefined {
  try {
    // The name before it may hold blanks: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[2])
  } catch {
    return undefined
  }
}

const processWith = (...words: readonly string[]): number | undefined =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && words.every((word) => commandOf(name).includes(word)))
    .map(Number)[0]

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

/** A keeper's short-lived children may be gone by themselves. */
function killIfThere(pid: number) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Another process that uses the Postgres of `dataDir`, once it does. */
async function otherUser(dataDir: string) {
  const script = join(import.meta.dir, '../../../tests/support/postgres-user.ts')
  const child = Bun.spawn([process.execPath, script, dataDir], { stdin: 'pipe', stdout: 'pipe' })
  children.add(child)
  const { value } = await child.stdout.getReader().read()
  return { child, url: new TextDecoder().decode(value).trim() }
}

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await Promise.all(running.map(({ stop }) => stop()))
  for (const folder of folders) await until(() => readPostmaster(folder) === undefined)
  await rm(parent, { recursive: true })
})

test('what was stored is there after a stop and a start, at the same address', async () => {
  const dataDir = await newFolder()
  const first = await start(dataDir)
  await ask(first.url, 'CREATE TABLE kept AS SELECT 1 AS mark')
  await first.stop()
  expect(await answers(portOf(first.url))).toBe(false)
  const second = await start(dataDir)
  expect(second.url).toBe(first.url)
  expect(await ask(second.url, 'SELECT mark FROM kept')).toMatchObject([{ mark: 1 }])
  await second.stop()
})

test('it is UTF-8, knows ICU, and its password is for its owner alone', async () => {
  const dataDir = await newFolder()
  const { url, stop } = await start(dataDir)
  const [found] = await ask(
    url,
    `SELECT current_setting('server_encoding') AS encoding, 'a' < 'B' COLLATE "und-x-icu" AS icu`,
  )
  expect(found).toEqual({ encoding: 'UTF8', icu: true })
  expect(statSync(join(dataDir, 'password')).mode & 0o777).toBe(0o600)
  await expect(ask(url.replace(/:\w+@/, ':wrong@'), 'SELECT 1')).rejects.toThrow('password')
  await stop()
})

test('a Ctrl-C in the terminal does not reach it, since it is in no group with its user', async () => {
  const { pid, stop } = await start(await newFolder())
  expect(groupOf(pid)).toBeGreaterThan(1)
  expect(groupOf(pid)).not.toBe(groupOf(process.pid))
  await stop()
})

test('a Ctrl-C does not reach the making of its files either', async () => {
  const dataDir = join(parent, 'made')
  folders.push(dataDir)
  const making = start(dataDir)
  const pid = (await until(() => processWith('initdb', dataDir))) ?? 0
  expect(groupOf(pid)).toBeGreaterThan(1)
  expect(groupOf(pid)).not.toBe(groupOf(process.pid))
  await (await making).stop()
})

test('starting it ten times at once gives one Postgres', async () => {
  const dataDir = await newFolder()
  const started = await Promise.all(Array.from({ length: 10 }, () => start(dataDir)))
  expect(new Set(started.map(({ pid }) => pid)).size).toBe(1)
  await Promise.all(started.map(({ stop }) => stop()))
  expect(readPostmaster(dataDir)).toBeUndefined()
})

test('it survives the process that started it while another uses it, and no longer', async () => {
  const dataDir = await newFolder()
  const first = await otherUser(dataDir)
  const second = await otherUser(dataDir)
  expect(second.url).toBe(first.url)
  first.child.kill('SIGKILL')
  await first.child.exited
  // Longer than Postgres needs to stop: whoever stays sees it answer on and on.
  const steady = await ask(second.url, 'SELECT pg_sleep(0.5), 1 AS alive')
  expect(steady[0]?.['alive']).toBe(1)
  second.child.kill('SIGKILL')
  await until(async () => !(await answers(portOf(second.url))))
  expect(await until(() => readPostmaster(dataDir) === undefined)).toBe(true)
})

test('it comes back at the same address when it is killed', async () => {
  const dataDir = await newFolder()
  const { url, pid, stop } = await start(dataDir)
  process.kill(pid, 'SIGKILL')
  const next = await until(() => {
    const postmaster = readPostmaster(dataDir)
    return postmaster?.ready && postmaster.pid !== pid ? postmaster : undefined
  })
  expect(next?.port).toBe(portOf(url))
  expect(await ask(url, 'SELECT 1 AS alive')).toMatchObject([{ alive: 1 }])
  await stop()
  expect(readPostmaster(dataDir)).toBeUndefined()
})

test('it recovers after everything was killed at once', async () => {
  const dataDir = await newFolder()
  const { child, url } = await otherUser(dataDir)
  await ask(url, 'CREATE TABLE kept AS SELECT 1 AS mark')
  // The keeper leads a session of its own, so its group is everything of this Postgres.
  const pid = readPostmaster(dataDir)!.pid
  const group = groupOf(pid)!
  for (const target of [child.pid, -group, pid]) process.kill(target, 'SIGKILL')
  // Whoever is about to die still answers for a moment.
  await until(() => [child.pid, group, pid].every((one) => commandOf(`${one}`) === ''))
  const again = await start(dataDir)
  expect(await ask(again.url, 'SELECT mark FROM kept')).toMatchObject([{ mark: 1 }])
  await again.stop()
})

test('an orphan whose keeper was killed is stopped, and a kept one started in its place', async () => {
  const dataDir = await newFolder()
  const { child, url } = await otherUser(dataDir)
  const { pid } = readPostmaster(dataDir)!
  const group = groupOf(pid)!
  const keepers = readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && name !== String(pid) && groupOf(Number(name)) === group,
  )
  // Postgres's own children lead sessions of their own.
  for (const target of [child.pid, ...keepers.map(Number)]) killIfThere(target)
  await child.exited
  await until(() => !isKept(dataDir))
  expect(await answers(portOf(url))).toBe(true)
  const again = await start(dataDir)
  expect(again.pid).not.toBe(pid)
  await again.stop()
})

test('files of another major version are refused and left alone', async () => {
  const dataDir = await newFolder()
  await start(dataDir).then(({ stop }) => stop())
  const version = join(dataDir, 'data', 'PG_VERSION')
  writeFileSync(version, '15\n')
  await expect(start(dataDir)).rejects.toThrow('written by Postgres 15')
  expect(readFileSync(version, 'utf8')).toBe('15\n')
})

test('a taken port is an error that names it', async () => {
  const dataDir = await newFolder()
  const squatter = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => squatter.once('listening', resolve))
  const { port } = squatter.address() as { port: number }
  await expect(startPostgres({ dataDir, port, fsync: false })).rejects.toThrow(
    `port ${port} is taken`,
  )
  squatter.close()
})

test('a Postgres that cannot start says what its log says', async () => {
  const dataDir = await newFolder()
  await start(dataDir).then(({ stop }) => stop())
  writeFileSync(join(dataDir, 'data', 'postgresql.auto.conf'), 'no_such_setting = 1\n')
  await expect(start(dataDir)).rejects.toThrow('no_such_setting')
})
