export interface Semaphore {
  /** Runs `work` as soon as fewer than the limit are running, first come, first served. */
  run<T>(work: () => Promise<T>): Promise<T>
}

export const semaphore = (limit: number): Semaphore => {
  const waiting: (() => void)[] = []
  let free = limit
  const acquire = () =>
    free > 0 ? (free--, Promise.resolve()) : new Promise<void>((resolve) => waiting.push(resolve))
  const release = () => {
    const next = waiting.shift()
    if (next) next()
    else free++
  }
  return {
    async run(work) {
      await acquire()
      try {
        return await work()
      } finally {
        release()
      }
    },
  }
}
