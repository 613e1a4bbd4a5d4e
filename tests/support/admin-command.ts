import { runAdmin } from '../../cli/admin/run-verb.ts'
import type { GroupName } from '../../cli/admin/groups.ts'
import type { Ask } from '../../cli/confirm.ts'
import { Exit, exitCodes } from '../../cli/exit.ts'
import { readSettings } from '../../shared/runtime/settings.ts'

export interface Said {
  readonly code: number
  readonly out: string
  readonly error: string
}

/** `./aero <group> ...` in this process. `yes` is what the person at the terminal says; none: no terminal. */
export const adminCommand =
  (environment: Readonly<Record<string, string>>, ask: Ask = undefined, input = '') =>
  async (group: GroupName, ...words: readonly string[]): Promise<Said> => {
    const said: string[] = []
    const { write } = process.stderr
    let complaint = ''
    // Commander writes what it cannot read there itself.
    process.stderr.write = (text: string | Uint8Array) => {
      complaint += String(text)
      return true
    }
    try {
      await runAdmin(group, words, {
        settings: readSettings(environment).settings,
        readInput: async () => input,
        now: () => new Date('2026-01-01T00:00:00Z'),
        print: (text) => said.push(text),
        ask,
      })
      return { code: 0, out: said.join('\n'), error: complaint }
    } catch (error) {
      const { message } = error as Error
      const code = error instanceof Exit ? error.code : exitCodeOf(error as Error)
      return { code, out: said.join('\n'), error: `${message}\n${complaint}` }
    } finally {
      process.stderr.write = write
    }
  }

function exitCodeOf(error: Error): number {
  if (error.name === 'CommanderError' || error.name === 'InvalidArgumentError')
    return exitCodes.usage
  throw error
}
