/** What has begun and not ended. */
export interface RunningWork {
  add<T>(work: Promise<T>): Promise<T>
  /** Resolves when everything has ended, well or not. */
  ended(): Promise<unknown>
}

export const runningWork = (): RunningWork => {
  const running = new Set<Promise<void>>()
  return {
    add(work) {
      const forget = () => void running.delete(following)
      const following: Promise<void> = work.then(forget, forget)
      running.add(following)
      return work
    },
    ended: () => Promise.all(running),
  }
}

/** What `work` gives; rejects with code `ETIMEDOUT`, and calls `late`, when that takes longer. */
export const answered = async <T>(
  work: Promise<T>,
  withinMs: number,
  late: () => void,
): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      late()
      const detail = `the database gave no answer within ${withinMs} ms`
      reject(Object.assign(new Error(detail), { code: 'ETIMEDOUT' }))
    }, withinMs)
  })
  try {
    return await Promise.race([work, silence])
  } finally {
    clearTimeout(timer)
  }
}

/** The error of whoever uses a database that was closed. */
export const closed = (): Error =>
  Object.assign(new Error('the database was closed'), { code: 'CONNECTION_ENDED' })
