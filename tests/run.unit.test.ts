import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

let root: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'aero-runner-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

const imported = `import { expect, test } from 'bun:test'\n`
const green = `${imported}test('holds', () => {})\n`

/** Runs the suites of a small planted checkout in a process of its own, as `./aero test` does. */
const run = async (
  name: string,
  files: Readonly<Record<string, string>>,
  { patterns = [], limit = 60_000 }: { patterns?: string[]; limit?: number } = {},
) => {
  const checkout = join(root, name)
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(checkout, file)), { recursive: true })
    await writeFile(join(checkout, file), text)
  }
  const script = `import { runSuites } from ${JSON.stringify(join(import.meta.dirname, 'run.ts'))}
    process.exitCode = await runSuites(${JSON.stringify(patterns)}, ${JSON.stringify(checkout)}, ${limit})`
  const child = Bun.spawn([process.execPath, '-e', script], { stdout: 'pipe', stderr: 'pipe' })
  const [output, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    child.exited,
    new Response(child.stderr).text(),
  ])
  return { output, lastLine: output.trimEnd().split('\n').at(-1), exitCode }
}

test('suites that pass end with the count line and exit code 0', async () => {
  const files = { 'uow/a.unit.test.ts': green, 'tests/b.e2e.test.ts': green }
  expect(await run('green', files)).toMatchObject({ lastLine: '2 passed, 0 failed', exitCode: 0 })
})

test('a failed test is named and makes the exit code 1', async () => {
  const red = `${imported}test('two is one', () => expect(2).toBe(1))\n`
  const { output, lastLine, exitCode } = await run('red', {
    'uow/a.unit.test.ts': green,
    'uow/b.unit.test.ts': red,
  })
  expect({ lastLine, exitCode }).toEqual({ lastLine: '1 passed, 1 failed', exitCode: 1 })
  expect(output).toContain('uow/b.unit.test.ts: two is one')
})

const quiet: readonly (readonly [string, string])[] = [
  ['cannot load', `${imported}import './nowhere.ts'\ntest('never', () => {})\n`],
  ['ends the process with code 0', `${imported}test('leaves', () => process.exit(0))\n`],
  ['is killed', `${imported}test('dies', () => process.kill(process.pid, 'SIGKILL'))\n`],
  ['holds no test', 'export {}\n'],
  ['throws after its tests', `${green}queueMicrotask(() => { throw new Error('late') })\n`],
]
for (const [index, [what, text]] of quiet.entries()) {
  test(`a lone file that ${what} is not green`, async () => {
    const { lastLine, exitCode } = await run(`quiet-${index}`, { 'uow/a.unit.test.ts': text })
    expect(lastLine).toMatch(/^\d passed, 1 failed$/)
    expect(exitCode).toBe(1)
  })

  test(`a file beside others that ${what} is not green`, async () => {
    const files = { 'uow/a.unit.test.ts': text, 'uow/b.unit.test.ts': green }
    const { lastLine, exitCode } = await run(`quiet-beside-${index}`, files)
    expect(lastLine).toMatch(/^[12] passed, 1 failed$/)
    expect(exitCode).toBe(1)
  })
}

test('a pattern without a match is not green', async () => {
  const { lastLine, exitCode } = await run(
    'pattern',
    { 'uow/a.unit.test.ts': green },
    {
      patterns: ['nowhere'],
    },
  )
  expect({ lastLine, exitCode }).toEqual({ lastLine: '0 passed, 1 failed', exitCode: 1 })
})

test('a run that hangs is ended at its limit, and is not green', async () => {
  const endless = `${imported}test('waits', () => new Promise(() => {}), 600_000)\n`
  const { lastLine, exitCode } = await run(
    'hang',
    { 'uow/a.unit.test.ts': endless },
    { limit: 500 },
  )
  expect({ lastLine, exitCode }).toEqual({ lastLine: '0 passed, 1 failed', exitCode: 1 })
})
