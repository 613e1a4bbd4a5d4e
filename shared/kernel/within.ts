/**
 * What `work` gives; throws what `late` makes when it takes longer. The work itself goes on unheard.
 */
export const within = async <T>(
  milliseconds: number,
  work: Promise<T>,
  late: () => Error,
): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), milliseconds)
  })
  try {
    return await Promise.race([work, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
