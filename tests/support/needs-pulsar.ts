import { afterAll, beforeAll, describe } from 'bun:test'
import { findTools, MissingTool, type Tools } from '../../shared/embedded/pulsar/tools.ts'

/** The tools of this machine, or why a Pulsar cannot be started on it. */
export function pulsarTools(environment = process.env): Tools | MissingTool {
  try {
    return findTools(environment)
  } catch (error) {
    if (error instanceof MissingTool) return error
    throw error
  }
}

/** True when suites that need a Pulsar have to be left out, because this machine cannot start one. */
export const lacksPulsar = (environment = process.env, needsOwn = false): boolean => {
  if (environment['REQUIRE_PULSAR'] === '1') return false
  if (environment['PULSAR_URL'] && !needsOwn) return false
  return pulsarTools(environment) instanceof MissingTool
}

/**
 * A suite that needs a real Pulsar: the one of PULSAR_URL, or one that Java and Maven of this machine
 * can start. Without either its tests are counted as skipped, by name; with REQUIRE_PULSAR=1 they
 * run, and fail with what is missing.
 */
export function needsPulsar(title: string, suite: () => void): void {
  describe.skipIf(lacksPulsar())(title, suite)
}

/** The same for one that cannot use the Pulsar of PULSAR_URL: it starts, secures or kills its own. */
export function needsOwnPulsar(title: string, suite: () => void): void {
  describe.skipIf(lacksPulsar(process.env, true))(title, suite)
}

/**
 * Runs once before such a suite. Instead of `beforeAll`, which the report of a suite that is left out
 * counts as a test without a name. A machine that has never fetched Pulsar does it here: a minute or two.
 */
export function beforePulsar(prepare: () => Promise<void>, needsOwn = false): void {
  if (!lacksPulsar(process.env, needsOwn)) beforeAll(prepare, 300_000)
}

/** Runs once after such a suite, instead of `afterAll` for the same reason. */
export function afterPulsar(clean: () => Promise<void>, needsOwn = false): void {
  if (!lacksPulsar(process.env, needsOwn)) afterAll(clean)
}
