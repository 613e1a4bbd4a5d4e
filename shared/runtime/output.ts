import process from 'node:process'

/** Writes a line; resolves when it is on its way, false when nobody reads any more, as after `| head`. */
export type WriteLine = (line: string) => Promise<boolean>

/** Lines on the standard output, each after the one before: a reader that is slow slows the writer. */
export const standardOutput = (): WriteLine => {
  // Whoever writes is told by the callback; unheard it would end the process.
  process.stdout.on('error', () => {})
  return (line) => {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    process.stdout.write(`${line}\n`, (error) => resolve(!error))
    return promise
  }
}
