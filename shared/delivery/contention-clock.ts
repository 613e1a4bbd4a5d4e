import type { Patience } from './consumption.ts'
import { backoff } from './pause.ts'

/** How long a key has met nothing but contention. */
export interface ContentionClock {
  /** How long to rest, in ms, or undefined when it has lasted too long. */
  met(): number | undefined
  over(): void
}

export const contentionClock = ({ parkAfterMs }: Patience): ContentionClock => {
  let since: number | undefined
  let times = 0
  return {
    met() {
      since ??= performance.now()
      times += 1
      return performance.now() - since < parkAfterMs ? backoff(times, 50, 1000) : undefined
    },
    over() {
      since = undefined
      times = 0
    },
  }
}
