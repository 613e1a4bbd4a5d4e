import fc from 'fast-check'
import type { Table } from '../../shared/pulsar/wire/table.ts'

/** Any value a table of the wire protocol describes, its optional fields there or not. */
export const valuesOf = (table: Table): fc.Arbitrary<Record<string, unknown>> =>
  fc.record(
    Object.fromEntries(
      Object.entries(table).map(([name, { kind, presence }]) => {
        const one = valueOf(kind)
        if (presence === 'required') return [name, one]
        if (presence === 'optional') return [name, fc.option(one, { nil: undefined })]
        const some = fc.array(one, { minLength: 1, maxLength: 3 })
        return [name, fc.option(some, { nil: undefined })]
      }),
    ),
  )

const valueOf = (kind: Table[string]['kind']): fc.Arbitrary<unknown> => {
  if (kind === 'number') return fc.maxSafeInteger()
  if (kind === 'boolean') return fc.boolean()
  if (kind === 'text') return fc.string({ unit: 'grapheme' })
  if (kind === 'blob') return fc.uint8Array({ maxLength: 40 })
  if (kind === 'word') return fc.bigInt(0n, 2n ** 64n - 1n)
  return valuesOf(kind)
}

/** The value without the fields that are undefined, at any depth: absent and undefined are the same. */
export const present = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(present)
  if (value instanceof Uint8Array || typeof value !== 'object' || !value) return value
  const fields = Object.entries(value).filter(([, one]) => one !== undefined)
  return Object.fromEntries(fields.map(([key, one]) => [key, present(one)]))
}
