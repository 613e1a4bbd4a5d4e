import { readFileSync } from 'node:fs'
import { Exit } from '../exit.ts'
import { flag, type Input, optional } from './parameter.ts'
import { text } from './values.ts'
import type { VerbContext } from './verb.ts'

/** Where a token may come from. */
export const given = {
  token: optional('[token]', 'the token; without, PULSAR_TOKEN', text),
  file: optional('-f, --token-file <file>', 'read it from a file', text),
  stdin: flag('-i, --stdin', 'read it from the standard input'),
}

/** The first of those places that has one, else the settings. Throws `Exit` when there is none. */
export async function tokenOf(
  { token, file, stdin }: Input<typeof given>,
  { settings, readInput }: VerbContext,
): Promise<string> {
  const kept = file ?? (token === undefined && !stdin ? settings.pulsarTokenFile : undefined)
  const found =
    token ?? (stdin ? await readInput() : kept === undefined ? settings.pulsarToken : read(kept))
  if (found !== undefined) return found.trim()
  throw new Exit('usage', 'which token? Name it, --token-file or --stdin, or set PULSAR_TOKEN')
}

const read = (file: string) => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new Exit('notFound', `${file} cannot be read`)
  }
}
