import type postgres from 'postgres'

/** Types of elements by the OID of their array (pg_type.dat of Postgres); others come back as text. */
const asText = (text: string) => text
const elements: Readonly<Record<number, (text: string) => unknown>> = {
  1000: (text) => text === 't',
  1005: Number,
  1007: Number,
  1009: asText,
  1015: asText,
  1016: asText,
  1185: (text) => new Date(text),
  2951: asText,
}

/**
 * One-dimensional arrays as parameters and results, known beforehand. postgres.js 3.4.9 can ask the
 * server for them with each new connection instead, but a connection that breaks during that question
 * is a rejection that nobody can catch, and ends the process.
 */
export const arrayTypes = (): Record<string, postgres.PostgresType> =>
  Object.fromEntries(
    Object.entries(elements).map(([oid, parse]) => [
      `array${oid}`,
      {
        to: Number(oid),
        from: [Number(oid)],
        serialize,
        parse: (text: string) => read(text, parse),
      },
    ]),
  )

const serialize = (values: unknown): unknown => (Array.isArray(values) ? arrayText(values) : values)

/** A one-dimensional array as Postgres reads it; `Date`s as ISO 8601, everything else as its text. */
export const arrayText = (values: readonly unknown[]): string =>
  `{${values.map(element).join(',')}}`

const element = (value: unknown): string => {
  if (value === null || value === undefined) return 'NULL'
  if (typeof value === 'number') return String(value)
  const text = value instanceof Date ? value.toISOString() : String(value)
  return special.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : `"${text}"`
}

const special = /["\\]/

// https://www.postgresql.org/docs/18/arrays.html#ARRAYS-IO
const read = (text: string, parse: (text: string) => unknown): readonly unknown[] =>
  [...text.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/gs)].map(([, quoted, bare]) => {
    if (quoted !== undefined) return parse(quoted.replace(/\\(.)/gs, '$1'))
    return bare === 'NULL' ? null : parse(bare ?? '')
  })
