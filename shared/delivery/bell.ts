import { pause } from './pause.ts'

/** Wakes one loop: a ring during its work is not lost, many rings are one. */
export interface Bell {
  ring(): void
  /** Resolves when it rang since the last time, after `ms`, or when the signal aborts. */
  rung(ms: number): Promise<void>
}

export const bell = (signal: AbortSignal): Bell => {
  let ringing = false
  let wake: (() => void) | undefined
  return {
    ring() {
      ringing = true
      wake?.()
    },
    async rung(ms) {
      const waiting = new AbortController()
      wake = () => waiting.abort()
      if (!ringing) await pause(ms, AbortSignal.any([signal, waiting.signal]))
      wake = undefined
      ringing = false
    },
  }
}
