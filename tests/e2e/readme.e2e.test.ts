import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { checkout } from '../../shared/runtime/home.ts'
import { embeddedBroker } from '../support/on-each-broker.ts'
import { wholeSystem } from '../support/whole-system.ts'

const system = wholeSystem(embeddedBroker())

/** A command of the README with the output that is printed below it. */
interface Step {
  readonly command: string
  readonly shown: string
}

describe("the README's session", () => {
  test('prints what the README shows', async () => {
    const steps = stepsOf(await Bun.file(join(checkout, 'README.md')).text())
    expect(steps.length).toBeGreaterThan(4)
    const outputs = await runSession(steps.map(({ command }) => hereInsteadOfThere(command)))
    for (const [index, { shown }] of steps.entries())
      expect(anonymous(outputs[index]!)).toEqual(anonymous(shown))
  }, 60_000)
})

const stepsOf = (readme: string): Step[] =>
  [...readme.matchAll(/^```sh\n((?:(?!```)[^])*)^```\n\n```text\n((?:(?!```)[^])*)^```$/gm)].map(
    ([, command = '', shown = '']) => ({ command, shown }),
  )

const hereInsteadOfThere = (command: string) =>
  command
    .replaceAll('http://127.0.0.1:8000', system.commandUrl)
    .replaceAll('http://127.0.0.1:8001', system.queryUrl)
    .replaceAll('http://127.0.0.1:5000', system.tutorialUrl)

const border = '--- next step ---'

const runSession = async (commands: readonly string[]): Promise<string[]> => {
  const script = commands.map((command) => `${command}\necho\necho '${border}'`).join('\n')
  const shell = Bun.spawn(['bash', '-euo', 'pipefail', '-c', script], { stderr: 'inherit' })
  const printed = await new Response(shell.stdout).text()
  expect(await shell.exited).toBe(0)
  return printed.split(`${border}\n`).slice(0, -1)
}

/** Lines of JSON without what is different each time: ids, times, tickets, codes, ports. */
const anonymous = (output: string): string[] =>
  output
    .replaceAll(/\d\.Wy[\w.-]+/g, 'TICKET')
    .replaceAll(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, 'ID')
    .replaceAll(/20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')
    .replaceAll(/\b\d{8}\b/g, 'CODE')
    .replaceAll('}{', '}\n{')
    .split('\n')
    .filter((line) => line.trim() !== '')
