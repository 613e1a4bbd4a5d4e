import type { z } from 'zod'
import { Invalid } from '../kernel/fates.ts'
import { faultsOf } from './faults.ts'
import { plainWords } from './plain-words.ts'

/**
 * The parameters of a path or query, checked. Throws `Invalid` whose pointers begin with `/path` or
 * `/query`. A parameter given more than once is refused: which one would count is anybody's guess.
 */
export const readParameters = <S extends z.ZodType>(
  where: 'path' | 'query',
  given: Readonly<Record<string, string | readonly string[]>>,
  schema: S,
): z.output<S> => {
  const values: Record<string, string> = {}
  for (const [name, value] of Object.entries(given)) {
    const [first, second] = typeof value === 'string' ? [value] : value
    if (second !== undefined)
      throw new Invalid(`${name} was given more than once.`, [
        { pointer: `/${where}/${name}`, detail: 'give it once' },
      ])
    if (first !== undefined) values[name] = first
  }
  const parsed = schema.safeParse(values, { error: plainWords })
  if (parsed.success) return parsed.data
  throw new Invalid(`A parameter of the ${where} is not valid.`, faultsOf(parsed.error, [where]))
}
