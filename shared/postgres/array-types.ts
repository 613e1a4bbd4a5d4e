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

const serialize = (values: unknown): unknown =>
  Array.isArray(values) ? `{${values.map(element).join(',')}}` : values

const element = (value: unknown): string => {
  if (value === null || value === undefined) return 'NULL'
  const text = value instanceof Date ? value.toISOString() : String(value)
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

// https://www.postgresql.org/docs/18/arrays.html#ARRAYS-IO
const read = (text: string, parse: (text: string) => unknown): readonly unknown[] =>
  [...text.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/gs)].map(([, quoted, bare]) => {
    if (quoted !== undefined) return parse(quoted.replace(/\\(.)/gs, '$1'))
    return bare === 'NULL' ? null : parse(bare ?? '')
  })
