import { InvalidArgumentError } from 'commander'

/** One word of a command line: where it stands, what it means, and how it is read. */
export interface Parameter<Value> {
  /** As commander writes it: `<topic>`, `[cluster]`, `-n, --count <messages>`, `-f, --force`. */
  readonly flags: string
  readonly meaning: string
  /** Throws `InvalidArgumentError`. Without one it is a switch: there or not. */
  readonly read?: (text: string) => Value
  readonly required?: boolean
  readonly fallback?: Value
  /** The name with one dash and several letters that pulsar-admin has for it, as in `-ttl`. */
  readonly familiar?: string
}

export type Parameters = Readonly<Record<string, Parameter<unknown>>>

export type Input<P extends Parameters> = {
  readonly [Name in keyof P]: P[Name] extends Parameter<infer Value> ? Value : never
}

type Reader<Value> = (text: string) => Value

/** Must be there; stands by itself or, with a dash, as an option. */
export const needed = <Value>(
  flags: string,
  meaning: string,
  read: Reader<Value>,
  familiar?: string,
): Parameter<Value> => ({
  flags,
  meaning,
  read,
  required: true,
  ...(familiar === undefined ? {} : { familiar }),
})

export const optional = <Value>(
  flags: string,
  meaning: string,
  read: Reader<Value>,
  familiar?: string,
): Parameter<Value | undefined> => ({
  flags,
  meaning,
  read,
  ...(familiar === undefined ? {} : { familiar }),
})

export const withDefault = <Value>(
  flags: string,
  meaning: string,
  read: Reader<Value>,
  fallback: Value,
): Parameter<Value> => ({ flags, meaning, read, fallback })

export const flag = (flags: string, meaning: string, familiar?: string): Parameter<boolean> => ({
  flags,
  meaning,
  fallback: false,
  ...(familiar === undefined ? {} : { familiar }),
})

/** `read` for what only one or several words can be. */
export const oneOf =
  <Word extends string>(...words: readonly Word[]): Reader<Word> =>
  (text) => {
    const word = words.find((known) => known === text)
    if (word !== undefined) return word
    throw new InvalidArgumentError(`Expected ${words.join(', ')}.`)
  }

/** `read` for words separated by commas. */
export const listOf =
  <Value>(read: Reader<Value>): Reader<readonly Value[]> =>
  (text) =>
    text.split(',').map((part) => read(part.trim()))
