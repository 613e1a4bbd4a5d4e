import { afterAll, expect, test } from 'bun:test'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answers, readPostmaster } from '../shared/embedded/postgres/cluster.ts'
import { until } from './support/until.ts'

const root = join(import.meta.dir, '..')
const folder = mkdtempSync(join(tmpdir(), 'aero-e2e-'))
const children = new Set<Bun.Subprocess>()

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await until(() => readPostmaster(join(folder, 'home', 'postgres')) === undefined)
  rmSync(folder, { recursive: true })
})

let count = 0

/** A checkout whose main.ts only says what it was called with. Its dependencies are installed. */
function checkout(): string {
  const path = join(folder, `check out ${count++}`)
  mkdirSync(join(path, 'node_modules'), { recursive: true })
  copyFileSync(join(root, 'aero'), join(path, 'aero'))
  const report = '[process.argv.slice(2), process.execPath]'
  writeFileSync(join(path, 'main.ts'), `console.log(JSON.stringify(${report}))`)
  writeFileSync(join(path, 'package.json'), '{}')
  writeFileSync(join(path, 'bun.lock'), '')
  writeFileSync(join(path, 'node_modules', '.installed'), '')
  return path
}

/** A folder for PATH with what every Unix has, and the given programs. */
function programs(given: Readonly<Record<string, string>>): string {
  const path = join(folder, `bin ${count++}`)
  mkdirSync(path)
  const basics = 'sh dirname readlink mkdir mv rm cat sleep touch env echo ln'.split(' ')
  for (const name of basics) symlinkSync(Bun.which(name)!, join(path, name))
  for (const [name, text] of Object.entries(given)) {
    writeFileSync(join(path, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(path, name), 0o755)
  }
  return path
}

const realBun = `exec "${process.execPath}" "$@"`
// Installs as npm does where install scripts are not run: only the binary of the platform works.
const npm = (log: string) => `echo "$@" >>"${log}"
mkdir -p "$3/node_modules/.bin" "$3/node_modules/@oven/bun-linux-x64/bin"
echo 'exit 1' >"$3/node_modules/.bin/bun"
ln -s "${process.execPath}" "$3/node_modules/@oven/bun-linux-x64/bin/bun"`

function aero(path: string, words: string[], env: Record<string, string>, cwd = '/') {
  const child = Bun.spawn([path, ...words], { cwd, env, stdout: 'pipe', stderr: 'pipe' })
  children.add(child)
  return child
}

async function outcome(child: ReturnType<typeof aero>) {
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  return { out, err, code }
}

test('it starts with only Bun on the PATH, from elsewhere, through links, with blanks in its path', async () => {
  const path = checkout()
  symlinkSync('aero', join(path, 'inner'))
  symlinkSync(join(path, 'inner'), join(folder, 'outer'))
  const started = aero(join(folder, 'outer'), ['up', 'a b'], { PATH: programs({ bun: realBun }) })
  const { out, err, code } = await outcome(started)
  expect({ err, code }).toEqual({ err: '', code: 0 })
  expect(JSON.parse(out)[0]).toEqual(['up', 'a b'])
})

test('with only npm it installs Bun into the checkout, once for two starts at the same time', async () => {
  const path = checkout()
  const log = join(folder, 'npm.log')
  const env = { PATH: programs({ npm: npm(log) }) }
  const both = [1, 2].map(() => outcome(aero(join(path, 'aero'), ['config'], env)))
  for (const { out, code } of await Promise.all(both)) {
    expect(code).toBe(0)
    expect(JSON.parse(out)[0]).toEqual(['config'])
  }
  expect(readFileSync(log, 'utf8').match(/bun@1\.4\.\d+/g)).toHaveLength(1)
  expect(existsSync(join(path, '.aero', 'install.lock'))).toBe(false)
})

test('a Bun that is too old is not used', async () => {
  const old = programs({ bun: 'echo 1.3.9' })
  const { code, err } = await outcome(aero(join(checkout(), 'aero'), [], { PATH: old }))
  expect(code).toBe(1)
  expect(err).toContain('needs Bun')
})

test('with neither Bun nor npm it says in one line what to install', async () => {
  const { code, err } = await outcome(aero(join(checkout(), 'aero'), [], { PATH: programs({}) }))
  expect(code).toBe(1)
  expect(err.trim().split('\n')).toHaveLength(1)
  expect(err).toContain('npm')
})

test('the lock of a start that was killed does not stop the next one', async () => {
  const path = checkout()
  rmSync(join(path, 'node_modules', '.installed'))
  mkdirSync(join(path, '.aero', 'install.lock'), { recursive: true })
  const dead = Bun.spawn(['true'])
  await dead.exited
  writeFileSync(join(path, '.aero', 'install.lock', 'pid'), String(dead.pid))
  const bun = `[ "$1" != install ] || exit 0\n${realBun}`
  const started = aero(join(path, 'aero'), [], { PATH: programs({ bun }) })
  expect((await outcome(started)).code).toBe(0)
})

const freePort = () =>
  new Promise<string>((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(String(port)))
    })
  })

async function environment(): Promise<Record<string, string>> {
  return {
    ...(process.env as Record<string, string>),
    AERO_HOME: join(folder, 'home'),
    COMMAND_PORT: await freePort(),
    QUERY_PORT: await freePort(),
    TUTORIAL_PORT: '0',
  }
}

async function isUp(child: ReturnType<typeof aero>): Promise<void> {
  let seen = ''
  for await (const chunk of child.stdout) {
    seen += new TextDecoder().decode(chunk)
    if (seen.includes('Ctrl-C stops it')) return
  }
  throw new Error(`ended before it was up: ${seen}${await new Response(child.stderr).text()}`)
}

test('migrations started at the same time all succeed', async () => {
  const env = await environment()
  const started = Array.from({ length: 4 }, () =>
    outcome(aero(join(root, 'aero'), ['migrate'], env)),
  )
  for (const { code, err } of await Promise.all(started))
    expect({ code, err }).toEqual({ code: 0, err: '' })
}, 30_000)

test('a second up is refused by name, a killed one takes Postgres along, and the next one starts', async () => {
  const env = await environment()
  const first = aero(join(root, 'aero'), ['up'], env)
  await isUp(first)
  const { port } = readPostmaster(join(folder, 'home', 'postgres'))!
  const second = await outcome(aero(join(root, 'aero'), ['up'], env))
  expect(second.code).toBe(4)
  expect(second.err).toContain(`process ${first.pid}`)
  first.kill('SIGKILL')
  await until(async () => !(await answers(port)))
  const third = aero(join(root, 'aero'), ['up'], env)
  await isUp(third)
  third.kill('SIGINT')
  expect(await third.exited).toBe(0)
  expect(await answers(port)).toBe(false)
}, 30_000)
