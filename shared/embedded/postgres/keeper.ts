import { spawn } from 'node:child_process'
import { existsSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import type { Account } from './account.ts'

export interface Kept {
  readonly home: string
  readonly account: Account
  readonly discard: boolean
  readonly command: readonly string[]
}

const log = (home: string) => join(home, 'postgres.log')

/**
 * Starts keeper.sh in a session of its own, so that Ctrl-C in a terminal reaches the roles and not
 * Postgres, which has to outlive them.
 */
export function startKeeper({ home, account, discard, command }: Kept): void {
  if (existsSync(log(home)) && statSync(log(home)).size > 1_000_000) truncateSync(log(home))
  // Comments are left out: the whole text is what a list of processes shows.
  const script = readFileSync(new URL('keeper.sh', import.meta.url), 'utf8').replaceAll(
    /^ *#.*\n/gm,
    '',
  )
  const shell = ['sh', '-c', script, 'aeroalpes-postgres', home, discard ? 'discard' : 'keep']
  const [program = '', ...words] = [...account.prefix, ...shell, ...command]
  const keeper = spawn(program, words, {
    ...account.identity,
    cwd: '/',
    detached: true,
    stdio: 'ignore',
  })
  keeper.unref()
}

/** The end of Postgres's own log, for an error message; empty when it wrote none. */
export function logTail(home: string): string {
  if (!existsSync(log(home))) return ''
  const lines = readFileSync(log(home), 'utf8').trimEnd().split('\n').slice(-8)
  return ` The end of ${log(home)}:\n${lines.map((line) => `  ${line}`).join('\n')}`
}
