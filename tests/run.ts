import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import { bunTest } from './runner/bun-test.ts'
import { findTestFiles, plan } from './runner/plan.ts'
import { countLine, type Outcome, total } from './runner/report.ts'

/** Longer than any healthy run, shorter than what CI allows, so that a hang still ends in a count. */
const limitMs = 15 * 60_000

/**
 * Runs the suites whose path contains one of `patterns` (every suite without one), the heavy ones
 * last and alone. The last line printed is `N passed, N failed[, N skipped]`.
 * Resolves with the exit code: 0 only when something ran and nothing failed.
 */
export const runSuites = async (
  patterns: readonly string[],
  root = dirname(import.meta.dirname),
  limit = limitMs,
): Promise<number> => {
  const deadline = Date.now() + limit
  const outcomes: Outcome[] = []
  for (const phase of plan(await findTestFiles(root), patterns, availableParallelism()))
    outcomes.push(await bunTest(phase, { root, deadline }))
  const outcome = total(outcomes)
  print('Skipped', outcome.skipped)
  print('Failed', outcome.failed)
  console.log(`\n${countLine(outcome)}`)
  return outcome.failed.length > 0 ? 1 : 0
}

const print = (title: string, lines: readonly string[]) => {
  if (lines.length > 0) console.log(`\n${title}:\n${lines.map((line) => `  ${line}`).join('\n')}`)
}

if (import.meta.main) process.exitCode = await runSuites(process.argv.slice(2))
