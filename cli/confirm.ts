import { createInterface } from 'node:readline'
import { Exit } from './exit.ts'

/** What every change on the command line takes. */
export interface ChangeOptions {
  readonly dryRun?: boolean | undefined
  readonly yes?: boolean | undefined
}

/** Asks a person; true for yes. Undefined where there is no terminal. */
export type Ask = ((question: string) => Promise<boolean>) | undefined

/** Asks on a terminal; anything but yes is no, the end of the input and Ctrl-C too. */
export function askOn(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Ask {
  if (!input.isTTY || !output.isTTY) return undefined
  return (question) => {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const lines = createInterface({ input, output })
    lines.once('close', () => resolve(false))
    lines.question(`${question} [y/N] `, (answer) => {
      resolve(/^y(es)?$/i.test(answer.trim()))
      lines.close()
    })
    return promise
  }
}

/**
 * Returns when `change`, said as an order, may be made. Throws `Exit`: usage when nobody can be
 * asked, failed when the answer is no.
 */
export async function confirmed(change: string, { yes }: ChangeOptions, ask: Ask): Promise<void> {
  if (yes) return
  if (!ask) throw new Exit('usage', `${change}? Nobody can be asked without a terminal: add --yes`)
  if (!(await ask(`${change}?`))) throw new Exit('failed', 'nothing was changed')
}
