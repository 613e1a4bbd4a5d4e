import type { Logger } from '../shared/telemetry/logger.ts'

export interface Housekeeping {
  /** Resolves when a round that has begun is over. Idempotent. */
  stop(): Promise<void>
}

/** Runs `chores` every hour; one that fails is logged and tried again in an hour. */
export const keepHouse = (
  chores: Readonly<Record<string, () => Promise<number>>>,
  logger: Logger,
  everyMs = 3_600_000,
): Housekeeping => {
  let round: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    round = doAll(chores, logger)
  }, everyMs)
  return {
    async stop() {
      clearInterval(timer)
      await round
    },
  }
}

const doAll = async (
  chores: Readonly<Record<string, () => Promise<number>>>,
  logger: Logger,
): Promise<void> => {
  for (const [chore, work] of Object.entries(chores)) {
    try {
      logger.debug({ chore, removed: await work() }, 'chore done')
    } catch (error) {
      logger.warn({ err: error, chore }, 'chore failed, will be tried again')
    }
  }
}
