import process from 'node:process'

/** The user this process runs as; undefined where the platform has none. */
export const currentUser = (): number | undefined => process.getuid?.()

/** `linux-x64`, `darwin-arm64`: the names that npm's platform packages use. */
export const platformName = (): string => `${process.platform}-${process.arch}`

/**
 * True while a process of this id exists. A zombie counts as alive, so ask the thing itself
 * (does it answer?) wherever that matters.
 */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

export const currentPid = (): number => process.pid

export const signalProcess = (pid: number, signal: NodeJS.Signals): void => {
  process.kill(pid, signal)
}
