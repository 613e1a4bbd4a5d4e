import { backoff, pause } from '../../shared/delivery/pause.ts'
import { databaseTrouble } from '../../shared/postgres/errors.ts'
import { RebuildRefused } from './refused.ts'

const attempts = 50

/** Tries again what gave up waiting for a lock, for about a minute. Throws `RebuildRefused` after that. */
export async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (databaseTrouble(error) !== 'contention') throw error
      if (attempt === attempts)
        throw new RebuildRefused(
          'somebody holds the live tables and does not let go (pg_stat_activity tells who):' +
            ' rebuild once more, it goes on where it is',
          { cause: error },
        )
      await pause(backoff(attempt, 20, 500))
    }
  }
}
