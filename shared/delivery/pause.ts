/** Resolves after `ms`, or at once when the signal aborts. Leaves no timer and no listener behind. */
export const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
  })

/** What `work` resolves with, or undefined after `ms`. Leaves no timer behind that holds the process. */
export const orAfter = async <T>(ms: number, work: Promise<T>): Promise<T | undefined> => {
  const patience = new AbortController()
  try {
    return await Promise.race([work, pause(ms, patience.signal).then(() => undefined)])
  } finally {
    patience.abort()
  }
}

/** Doubles from `first` ms with each attempt (from 1 on), up to `most`, less up to half at random. */
export const backoff = (attempt: number, first: number, most: number): number =>
  Math.min(most, first * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2)
