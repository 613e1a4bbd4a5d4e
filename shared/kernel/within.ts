/**
 * What `work` gives; throws what `late` makes when it takes longer, or when `signal` aborts first. The
 * work itself goes on unheard.
 */
export const within = async <T>(
  milliseconds: number,
  work: Promise<T>,
  late: () => Error,
  signal?: AbortSignal,
): Promise<T> => {
  const { promise: tooLate, reject } = Promise.withResolvers<never>()
  const giveUp = () => reject(late())
  const timer = setTimeout(giveUp, milliseconds)
  signal?.addEventListener('abort', giveUp)
  if (signal?.aborted) giveUp()
  try {
    return await Promise.race([work, tooLate])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', giveUp)
  }
}
