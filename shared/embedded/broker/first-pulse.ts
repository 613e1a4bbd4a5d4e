import { setTimeout as wait } from 'node:timers/promises'
import type { Pulse } from './pulse.ts'

const tries = 5
const restMs = 300

/**
 * The pulse that tells a new consumer who else there is. The session of its process may blink at that
 * moment, and stands again within a pulse or two; after about a second the error is passed on.
 */
export const firstPulse = async (pulse: Pick<Pulse, 'now'>): Promise<void> => {
  for (let left = tries - 1; ; left -= 1) {
    try {
      return await pulse.now()
    } catch (error) {
      if (left === 0) throw error
      await wait(restMs)
    }
  }
}
