import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { checkout } from '../../shared/runtime/home.ts'
import { type RunningProcess, start, temporaryHome } from '../support/system.ts'

const guide = join(checkout, 'docs/guide')
const pages = readdirSync(guide)
  .filter((name) => name !== 'README.md')
  .map((name) => ({ name, text: readFileSync(join(guide, name), 'utf8') }))
const index = readFileSync(join(guide, 'README.md'), 'utf8')

const home = temporaryHome()
let system: RunningProcess
beforeAll(async () => {
  system = await start(['up'], { home: home.folder, until: ['commandUrl', 'queryUrl'] })
}, 60_000)
afterAll(async () => {
  await system.stop()
  home.remove()
}, 60_000)

describe.each(pages)('the page $name', ({ name, text }) => {
  test('prints what it shows, block by block', async () => {
    const steps = stepsOf(text)
    expect(steps.length).toBeGreaterThan(0)
    // A block without its output would be run by nobody.
    expect(steps).toHaveLength(text.match(/^```sh$/gm)?.length ?? 0)
    const outputs = await runSession(steps.map(({ command }) => hereInsteadOfThere(command)))
    expect(outputs.map(withoutIds)).toEqual(steps.map(({ shown }) => withoutIds(shown)))
  }, 60_000)

  test('is in the index, short, and links to what is there', () => {
    expect(index).toContain(`](${name})`)
    expect(text.split('\n').length).toBeLessThan(80)
    expect(brokenLinks(text)).toEqual([])
  })
})

test('the index links to pages that are there', () => {
  expect(brokenLinks(index)).toEqual([])
})

const brokenLinks = (text: string): string[] =>
  [...text.matchAll(/\]\(([^)#]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !existsSync(resolve(guide, link)))

const stepsOf = (page: string) =>
  [...page.matchAll(/^```sh\n((?:(?!```)[^])*)^```\n\n```text\n((?:(?!```)[^])*)^```$/gm)].map(
    ([, command = '', shown = '']) => ({ command, shown }),
  )

const hereInsteadOfThere = (command: string) =>
  command
    .replaceAll('http://127.0.0.1:8000', system.commandUrl)
    .replaceAll('http://127.0.0.1:8001', system.queryUrl)

const border = '--- next step ---'

/** The blocks of a page in one shell, which ends with the first command that fails. */
const runSession = async (commands: readonly string[]): Promise<string[]> => {
  const script = commands.map((command) => `${command}\necho '${border}'`).join('\n')
  const shell = Bun.spawn(['bash', '-euo', 'pipefail', '-c', script], {
    cwd: checkout,
    env: { ...process.env, AERO_HOME: home.folder, PULSAR_URL: '', LOG_LEVEL: 'warn' },
    stderr: 'pipe',
  })
  const [printed, complaints, code] = await Promise.all([
    new Response(shell.stdout).text(),
    new Response(shell.stderr).text(),
    shell.exited,
  ])
  if (code !== 0) throw new Error(`exit code ${code} after:\n${printed}${complaints}`)
  return printed.split(`${border}\n`).slice(0, -1)
}

const withoutIds = (output: string) =>
  output.replaceAll(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, 'ID')
