import { PulsarError } from '../errors.ts'
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'

type Kind = 'number' | 'boolean' | 'text' | 'blob' | 'word' | Table

interface Field<T, Presence extends 'required' | 'optional' | 'repeated'> {
  readonly number: number
  readonly kind: Kind
  readonly presence: Presence
  /** Never set: it carries the type of the value. */
  readonly of?: T
}

type AnyField = Field<unknown, 'required' | 'optional' | 'repeated'>
export type Table = Readonly<Record<string, AnyField>>

type Flat<T> = { readonly [K in keyof T]: T[K] }

/** The value a table describes: optional fields may be absent or undefined, repeated ones empty. */
export type Value<T extends Table> = Flat<
  { [K in keyof T as T[K]['presence'] extends 'required' ? K : never]: NonNullable<T[K]['of']> } & {
    [K in keyof T as T[K]['presence'] extends 'optional' ? K : never]?:
      NonNullable<T[K]['of']> | undefined
  } & {
    [K in keyof T as T[K]['presence'] extends 'repeated' ? K : never]?:
      readonly NonNullable<T[K]['of']>[] | undefined
  }
>

type Required<T> = Field<T, 'required'>

export const number = (field: number): Required<number> => ({
  number: field,
  kind: 'number',
  presence: 'required',
})
export const boolean = (field: number): Required<boolean> => ({
  number: field,
  kind: 'boolean',
  presence: 'required',
})
export const text = (field: number): Required<string> => ({
  number: field,
  kind: 'text',
  presence: 'required',
})
export const blob = (field: number): Required<Uint8Array> => ({
  number: field,
  kind: 'blob',
  presence: 'required',
})
/** 64 bits that are not a quantity: a part of a bit set. */
export const word = (field: number): Required<bigint> => ({
  number: field,
  kind: 'word',
  presence: 'required',
})
export const nested = <T extends Table>(field: number, table: T): Required<Value<T>> => ({
  number: field,
  kind: table,
  presence: 'required',
})
export const optional = <T>(field: Required<T>): Field<T, 'optional'> => ({
  number: field.number,
  kind: field.kind,
  presence: 'optional',
})
export const repeated = <T>(field: Required<T>): Field<T, 'repeated'> => ({
  number: field.number,
  kind: field.kind,
  presence: 'repeated',
})

/** Appends `value`, fields in the order of the table. */
export const encode = <T extends Table>(writer: ByteWriter, table: T, value: Value<T>): void => {
  const values: Readonly<Record<string, unknown>> = value
  for (const { name, field } of planOf(table).fields) {
    const given = values[name]
    if (given === undefined) continue
    if (field.presence === 'repeated')
      for (const one of given as readonly unknown[]) encodeField(writer, field, one)
    else encodeField(writer, field, given)
  }
}

const encodeField = (writer: ByteWriter, { number: field, kind }: AnyField, value: unknown) => {
  if (kind === 'number') writer.number(field, value as number)
  else if (kind === 'boolean') writer.number(field, value === true ? 1 : 0)
  else if (kind === 'text') writer.text(field, value as string)
  else if (kind === 'blob') writer.blob(field, value as Uint8Array)
  else if (kind === 'word') {
    writer.varint(field << 3)
    writer.varintBig(value as bigint)
  } else {
    const start = writer.open(field)
    encode(writer, kind, value as Value<Table>)
    writer.close(start)
  }
}

interface Named {
  readonly name: string
  readonly field: AnyField
}

/** What every message of a table needs again, made once. */
interface Plan {
  readonly fields: readonly Named[]
  readonly required: readonly string[]
  readonly byNumber: ReadonlyMap<number, Named>
}

const plans = new WeakMap<Table, Plan>()

const planOf = (table: Table): Plan => {
  const known = plans.get(table)
  if (known) return known
  const fields = Object.entries(table).map(([name, field]) => ({ name, field }))
  const plan = {
    fields,
    required: fields.filter(({ field }) => field.presence === 'required').map(({ name }) => name),
    byNumber: new Map(fields.map((named) => [named.field.number, named] as const)),
  }
  plans.set(table, plan)
  return plan
}

/**
 * Reads the rest of `reader` as one value; unknown fields are passed over.
 * @throws PulsarError `protocol` when bytes are no protobuf or a required field is missing
 */
export const decode = <T extends Table>(reader: ByteReader, table: T): Value<T> => {
  const { byNumber, required } = planOf(table)
  const value: Record<string, unknown> = {}
  while (!reader.done) {
    const tag = reader.varint()
    const known = byNumber.get(Math.floor(tag / 8))
    if (known && wireType(known.field.kind) === (tag & 7)) decodeField(reader, known, value)
    else reader.skip(tag)
  }
  for (const name of required) if (value[name] === undefined) throw missing(name)
  return value as Value<T>
}

export const missing = (name: string): PulsarError =>
  new PulsarError('protocol', `The broker left out the required field ${name}.`)

const wireType = (kind: Kind): number =>
  kind === 'number' || kind === 'boolean' || kind === 'word' ? 0 : 2

const decodeField = (
  reader: ByteReader,
  { name, field }: Named,
  value: Record<string, unknown>,
) => {
  const one = decodeOne(reader, field.kind)
  if (field.presence !== 'repeated') value[name] = one
  else if (Array.isArray(value[name])) value[name].push(one)
  else value[name] = [one]
}

const decodeOne = (reader: ByteReader, kind: Kind): unknown => {
  if (kind === 'number') return reader.varint()
  if (kind === 'boolean') return reader.varint() !== 0
  if (kind === 'text') return reader.text()
  if (kind === 'blob') return reader.blob()
  if (kind === 'word') return reader.varintBig()
  const outer = reader.end
  reader.end = reader.limit()
  const inner = decode(reader, kind)
  reader.end = outer
  return inner
}
