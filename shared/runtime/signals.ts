import process from 'node:process'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export type StopSignal = (typeof signals)[number]

/**
 * Resolves with the first signal that asks the process to stop. From then on a second one ends it
 * at once with 128 + its number, as shells expect: whoever presses Ctrl-C twice means it.
 */
export const stopSignal = (): Promise<StopSignal> =>
  new Promise((resolve) => {
    let asked = false
    for (const signal of signals) {
      process.on(signal, () => {
        if (asked) process.exit(signal === 'SIGINT' ? 130 : 143)
        asked = true
        resolve(signal)
      })
    }
  })
