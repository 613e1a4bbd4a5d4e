import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'

export type Properties = Readonly<Record<string, string>>

export const encodeProperties = (out: ByteWriter, field: number, properties: Properties): void => {
  for (const key of Object.keys(properties)) {
    const start = out.open(field)
    out.text(1, key)
    out.text(2, properties[key] ?? '')
    out.close(start)
  }
}

/** Tags of the two wire types that metadata use. */
export const varint = (field: number): number => field << 3
export const sized = (field: number): number => (field << 3) | 2

export type Fields<T> = Readonly<Record<number, (data: T, reader: ByteReader) => void>>

/** Reads the rest of `reader` into `data`; unknown fields are passed over. */
export const readFields = <T>(data: T, fields: Fields<T>, reader: ByteReader): T => {
  while (!reader.done) {
    const tag = reader.varint()
    const read = fields[tag]
    if (read) read(data, reader)
    else reader.skip(tag)
  }
  return data
}

export const addProperty = (
  data: { properties?: Properties | undefined },
  reader: ByteReader,
): void => {
  const outer = reader.end
  reader.end = reader.limit()
  let key = ''
  let value = ''
  while (!reader.done) {
    const tag = reader.varint()
    if (tag === sized(1)) key = reader.text()
    else if (tag === sized(2)) value = reader.text()
    else reader.skip(tag)
  }
  reader.end = outer
  data.properties = withProperty(data.properties, key, value)
}

/** Own keys only: a property that a stranger named `__proto__` must stay a property. */
const withProperty = (known: Properties | undefined, key: string, value: string): Properties => {
  const properties = known ?? (Object.create(null) as Properties)
  Object.defineProperty(properties, key, { value, enumerable: true, configurable: true })
  return properties
}
