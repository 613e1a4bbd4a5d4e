import { afterAll, beforeAll, expect, test } from 'bun:test'
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aero-ci-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs .ci/run in a checkout whose suites and check are scripts that only pretend. */
const ci = async (name: string, suites: string, check: string) => {
  const checkout = join(folder, name)
  const binaries = join(checkout, '.aero/bun/node_modules/.bin')
  for (const path of ['.ci', 'tests']) await mkdir(join(checkout, path), { recursive: true })
  await mkdir(binaries, { recursive: true })
  await symlink(process.execPath, join(binaries, 'bun'))
  await copyFile(join(dirname(import.meta.dirname), '.ci/run'), join(checkout, '.ci/run'))
  await writeFile(join(checkout, 'tests/check.ts'), check)
  const aero = `#!/bin/sh\n[ "$1" = test ] || exit 0\n${suites}\n`
  await writeFile(join(checkout, 'aero'), aero, { mode: 0o755 })
  const child = Bun.spawn(['bash', join(checkout, '.ci/run')], { stdout: 'pipe', stderr: 'pipe' })
  const [output, exitCode] = await Promise.all([new Response(child.stdout).text(), child.exited])
  return { lastLine: output.trimEnd().split('\n').at(-1), exitCode }
}

const green = `echo; echo '7 passed, 0 failed, 2 skipped'`

test('a green check and green suites are green, with the count of the suites', async () => {
  const lastLine = '7 passed, 0 failed, 2 skipped'
  expect(await ci('green', green, '')).toEqual({ lastLine, exitCode: 0 })
})

test('a failed suite is red', async () => {
  const lastLine = '6 passed, 1 failed'
  expect(await ci('red', `echo '${lastLine}'; exit 1`, '')).toEqual({ lastLine, exitCode: 1 })
})

test('a failed check is red in the last line too', async () => {
  const lastLine = '7 passed, 1 failed, 2 skipped'
  expect(await ci('check', green, 'process.exit(1)')).toEqual({ lastLine, exitCode: 1 })
})

test('suites that end without a count are red', async () => {
  const lastLine = '0 passed, 1 failed'
  expect(await ci('silent', 'echo Killed', '')).toEqual({ lastLine, exitCode: 1 })
})

test('suites that fail although their count is green are red', async () => {
  const lastLine = '7 passed, 1 failed, 2 skipped'
  expect(await ci('liar', `${green}; exit 3`, '')).toEqual({ lastLine, exitCode: 1 })
})
