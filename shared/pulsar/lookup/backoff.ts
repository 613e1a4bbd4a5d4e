const firstMs = 100
const longestMs = 1_000

/**
 * How long to wait before the next attempt, in ms: doubling from 100 ms, never above 1 s, the upper
 * half random. Longer waits leave a broker that is back unused for seconds.
 * @param attempt 0 before the first repetition
 */
export const backoffMs = (attempt: number, random: () => number = Math.random): number => {
  const span = Math.min(firstMs * 2 ** Math.min(attempt, 10), longestMs)
  return span / 2 + (span / 2) * random()
}
