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

/** A tag is eight times the number of the field and one of the two wire types that metadata use. */
export const varint = 0
export const sized = 2

export type Fields<T> = Readonly<Record<number, (data: T, reader: ByteReader) => void>>

/** Reads the field that `tag` announced into `data`; an unknown one is passed over. */
export const readField = <T>(data: T, fields: Fields<T>, tag: number, reader: ByteReader): void => {
  const read = fields[tag]
  if (read) read(data, reader)
  else reader.skip(tag)
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
    if (tag === 1 * 8 + sized) key = reader.text()
    else if (tag === 2 * 8 + sized) value = reader.text()
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
