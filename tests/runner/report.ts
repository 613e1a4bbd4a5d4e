export interface TestCase {
  readonly file: string
  readonly name: string
  readonly state: 'passed' | 'failed' | 'skipped'
}

export interface Outcome {
  readonly passed: number
  /** One line each. More than tests: a file that could not load is here too. */
  readonly failed: readonly string[]
  readonly skipped: readonly string[]
}

/** The cases in a JUnit report as `bun test` writes it. */
export const readReport = (xml: string): readonly TestCase[] =>
  [...xml.matchAll(/<testcase ([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs)].map(
    ([, attributes = '', body = '']) => ({
      file: attribute(attributes, 'file'),
      name: attribute(attributes, 'name'),
      state: body.includes('<failure')
        ? 'failed'
        : body.includes('<skipped')
          ? 'skipped'
          : 'passed',
    }),
  )

/**
 * Counts what one run of `files` came to. A run that went wrong is never green: a file without a
 * single case (it could not load, or ended the process) is a failure, and so is an exit code that
 * no failed case explains.
 */
export const settle = (
  files: readonly string[],
  cases: readonly TestCase[],
  exitCode: number,
): Outcome => {
  const named = (state: TestCase['state']) =>
    cases.filter((one) => one.state === state).map((one) => `${one.file}: ${one.name}`)
  const reported = new Set(cases.map((one) => one.file))
  const silent = files.filter((file) => !reported.has(file))
  const failed = [
    ...named('failed'),
    ...silent.map((file) => `${file}: no test reported (could it not load, or did it exit?)`),
  ]
  if (exitCode !== 0 && failed.length === 0)
    failed.push(`bun test ended with exit code ${exitCode} although no test failed`)
  return { passed: named('passed').length, failed, skipped: named('skipped') }
}

/** Adds up runs. No test at all is a failure: it says that the pattern or the discovery is wrong. */
export const total = (outcomes: readonly Outcome[]): Outcome => {
  const failed = outcomes.flatMap((one) => one.failed)
  const skipped = outcomes.flatMap((one) => one.skipped)
  const passed = outcomes.reduce((sum, one) => sum + one.passed, 0)
  if (passed + failed.length + skipped.length === 0) failed.push('no test was found to run')
  return { passed, failed, skipped }
}

/** The line that CI reads, in its exact form. */
export const countLine = ({ passed, failed, skipped }: Outcome): string =>
  `${passed} passed, ${failed.length} failed` +
  (skipped.length > 0 ? `, ${skipped.length} skipped` : '')

const entities: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
  '#10': ' ',
}

const attribute = (attributes: string, name: string): string =>
  (new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1] ?? '').replace(
    /&([#\w]+);/g,
    (whole, entity: string) => entities[entity] ?? whole,
  )
