import { describe } from 'bun:test'
import { afterPulsar, beforePulsar, lacksPulsar } from './needs-pulsar.ts'
import { canHavePython } from './python.ts'

/** True when suites that need the official client beside a Pulsar have to be left out. */
export const lacksPython = (environment = process.env): boolean => {
  if (environment['REQUIRE_PULSAR'] === '1') return false
  return lacksPulsar(environment) || !canHavePython()
}

/**
 * A suite that runs the official C++ client, through Python, beside ours on a real Pulsar. Where
 * either is missing its tests are counted as skipped, by name; with REQUIRE_PULSAR=1 they run, and
 * fail with what is missing.
 */
export function needsPython(title: string, suite: () => void): void {
  describe.skipIf(lacksPython())(title, suite)
}

/** `beforePulsar` for such a suite. */
export function beforePython(prepare: () => Promise<void>): void {
  if (!lacksPython()) beforePulsar(prepare)
}

/** `afterPulsar` for such a suite. */
export function afterPython(clean: () => Promise<void>): void {
  if (!lacksPython()) afterPulsar(clean)
}
