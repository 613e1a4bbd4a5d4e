import { setTimeout as pause } from 'node:timers/promises'
import { problem } from '../../shared/http/problem.ts'

export interface WaitOptions<Row> {
  /** What is read, for people: `reservation 0197…`. */
  readonly what: string
  readonly minVersion: number | undefined
  find(): Promise<Row | undefined>
  /** The version that the row shows; lower than its own while something that belongs to it is missing. */
  versionOf(row: Row): number
  /** Events that wait to be projected. */
  backlog(): Promise<number | null>
  readonly signal?: AbortSignal
  readonly patienceMs?: number
}

const patience = 2000
// Short while the view is about to be there; all who wait at once are looked up in one statement.
const pauses = [5, 5, 5, 5, 10, 10, 10, 20, 20, 40] as const
const longestPause = 80

/**
 * The row as soon as the view has reached the version asked for; without one, as it is. After two
 * seconds it is 503 with what is known of the lag, also for a row that is not there yet.
 */
export async function waitForVersion<Row>(options: WaitOptions<Row>): Promise<Row | undefined> {
  const { minVersion, find, versionOf, signal } = options
  const deadline = performance.now() + (options.patienceMs ?? patience)
  for (let attempt = 0; ; attempt += 1) {
    const row = await find()
    if (minVersion === undefined) return row
    if (row !== undefined && versionOf(row) >= minVersion) return row
    const left = deadline - performance.now()
    if (left <= 0 || signal?.aborted) throw await behind(options, minVersion, row)
    await pause(Math.min(left, pauses[attempt] ?? longestPause))
  }
}

const behind = async <Row>(
  { what, versionOf, backlog }: WaitOptions<Row>,
  expected: number,
  row: Row | undefined,
) => {
  const version = row === undefined ? null : versionOf(row)
  const waiting = await backlog()
  const seen = version === null ? 'has not been seen yet' : `is at version ${version}`
  return problem(
    'view-behind',
    503,
    `The ${what} ${seen}, asked for is ${expected}. Ask again, or without min_version.`,
    { retryAfter: 1, extensions: { lag: { version, expected, waiting_events: waiting } } },
  )
}
