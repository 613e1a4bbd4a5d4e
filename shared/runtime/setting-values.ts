import { z } from 'zod'

/** One variable: how its text becomes a value, and what people are told about it. */
export interface Setting<Value> {
  readonly variable: string
  readonly meaning: string
  readonly secret: boolean
  /** Shown and parsed as if it had been given. */
  readonly fallback?: string
  /** Ends the sentence "expected ...". */
  readonly expected: string
  readonly parse: (text: string) => Value | undefined
}

interface Kind<Value> {
  readonly expected: string
  readonly schema: z.ZodType<Value, string>
}

/** A variable that always has a value. */
export const setting = <Value>(
  variable: string,
  kind: Kind<Value>,
  fallback: string,
  meaning: string,
): Setting<Value> => ({ ...make(variable, kind, meaning, false), fallback })

/** A variable that may be absent. */
export const optional = <Value>(
  variable: string,
  kind: Kind<Value>,
  meaning: string,
): Setting<Value | undefined> => make(variable, kind, meaning, false)

/** An optional variable that is never printed. */
export const secret = <Value>(
  variable: string,
  kind: Kind<Value>,
  meaning: string,
): Setting<Value | undefined> => make(variable, kind, meaning, true)

const make = <Value>(
  variable: string,
  { expected, schema }: Kind<Value>,
  meaning: string,
  isSecret: boolean,
): Setting<Value> => ({
  variable,
  meaning,
  secret: isSecret,
  expected,
  parse: (text) => schema.safeParse(text).data,
})

export const text: Kind<string> = { expected: 'a text', schema: z.string().min(1) }

export const oneOf = <const Word extends string>(...words: readonly Word[]): Kind<Word> => ({
  expected: words.join(' or '),
  schema: z.string().pipe(z.enum(words)),
})

export const onOff: Kind<boolean> = {
  expected: 'on or off',
  schema: z
    .string()
    .pipe(z.enum(['on', 'off', '1', '0', 'true', 'false']))
    .transform((word) => ['on', '1', 'true'].includes(word)),
}

export const whole = (least: number, most: number): Kind<number> => ({
  expected: `a whole number from ${least} to ${most}`,
  schema: z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.number().min(least).max(most)),
})

export const port = whole(0, 65_535)

export const url = (...schemes: readonly string[]): Kind<string> => ({
  expected: `a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  schema: z
    .string()
    .refine((value) => schemes.some((scheme) => value.startsWith(`${scheme}://`)))
    // Brokers are listed as several hosts, which no URL parser takes.
    .refine((value) => URL.canParse(value.replaceAll(/,[^/]*/g, ''))),
})

export const longSecret: Kind<string> = {
  expected: 'at least 32 characters',
  schema: z.string().min(32),
}

export const key32: Kind<string> = {
  expected: '32 bytes in base64url (43 characters)',
  schema: z.string().regex(/^[\w-]{43}$/),
}
