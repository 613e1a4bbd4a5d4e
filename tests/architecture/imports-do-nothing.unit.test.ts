import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { inRoom } from './rooms.ts'
import { readCheckout } from './source.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aero-imports-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Long enough for every library of the house to load, short enough to catch what keeps running. */
const limitMs = 15_000

/** Imports the files one after the other in a process of its own and tells what that did. */
const importAll = async (files: readonly string[], timeout = limitMs) => {
  const script = `const before = process.eventNames().length
    for (const file of ${JSON.stringify(files)}) await import(file)
    if (process.eventNames().length !== before) console.log('listens to', process.eventNames())`
  const child = Bun.spawn([process.execPath, '-e', script], {
    stdout: 'pipe',
    stderr: 'pipe',
    timeout,
    killSignal: 'SIGKILL',
  })
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  return { output: out + err, endedBySignal: child.signalCode }
}

const plant = async (name: string, text: string) => {
  const path = join(folder, name)
  await writeFile(path, text)
  return [path]
}

const nothing = { output: '', endedBySignal: null }

test(
  'importing every file of the rooms prints nothing and leaves nothing running',
  async () => {
    const root = dirname(dirname(import.meta.dirname))
    const files = (await readCheckout(root)).map(({ path }) => path).filter(inRoom)
    expect(files.length).toBeGreaterThan(20)
    expect(await importAll(files.map((path) => join(root, path)))).toEqual(nothing)
  },
  2 * limitMs,
)

const noisy: readonly (readonly [string, string])[] = [
  ['prints', `console.log('hello')`],
  ['fails', `throw new Error('no settings')`],
  ['listens to signals', `process.on('SIGUSR2', () => {})`],
]
for (const [index, [what, text]] of noisy.entries()) {
  test(`a file that ${what} when imported is caught`, async () => {
    expect(await importAll(await plant(`noisy-${index}.ts`, text))).not.toEqual(nothing)
  })
}

test('a file that leaves a timer running when imported is caught', async () => {
  const files = await plant('timer.ts', 'setInterval(() => {}, 1000)')
  expect((await importAll(files, 1000)).endedBySignal).toBe('SIGKILL')
})
