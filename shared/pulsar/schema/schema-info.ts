import type { Body } from '../wire/commands.ts'
import type { Properties } from '../wire/metadata-fields.ts'

/** Names of `Schema.Type` in PulsarApi.proto by their number; the first is called None there. */
const typeNames = [
  'BYTES',
  'STRING',
  'JSON',
  'PROTOBUF',
  'AVRO',
  'BOOLEAN',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FLOAT',
  'DOUBLE',
  'DATE',
  'TIME',
  'TIMESTAMP',
  'KEY_VALUE',
  'INSTANT',
  'LOCAL_DATE',
  'LOCAL_TIME',
  'LOCAL_DATE_TIME',
  'PROTOBUF_NATIVE',
] as const

export type SchemaType = (typeof typeNames)[number]

/** A schema as the broker keeps it. */
export interface SchemaInfo {
  readonly name: string
  readonly type: SchemaType
  /** The definition: for AVRO and JSON an Avro schema as JSON text, in UTF-8. */
  readonly data: Uint8Array
  readonly properties: Properties
}

type SchemaData = NonNullable<Body<'getSchemaResponse'>['schema']>

export const toWire = ({ name, type, data, properties }: SchemaInfo): SchemaData => ({
  name,
  type: typeNames.indexOf(type),
  schemaData: data,
  properties: Object.entries(properties).map(([key, value]) => ({ key, value })),
})

/** A type of a newer broker is taken for bytes. */
export const fromWire = ({ name, type, schemaData, properties = [] }: SchemaData): SchemaInfo => ({
  name,
  type: typeNames[type] ?? 'BYTES',
  // Copied: what the reader gives views the bytes of the socket.
  data: schemaData.slice(),
  properties: Object.fromEntries(properties.map(({ key, value }) => [key, value])),
})

/** The type of that name; one unknown here is taken for bytes. */
export const schemaType = (name: string | undefined): SchemaType =>
  typeNames.find((known) => known === name) ?? 'BYTES'

/** Versions count from 0, as 8 bytes; -1 for none. */
export const schemaVersionNumber = (version: Uint8Array): number => {
  if (version.length !== 8) return -1
  const view = new DataView(version.buffer, version.byteOffset, 8)
  return view.getUint32(0) * 2 ** 32 + view.getUint32(4)
}

export const schemaVersionBytes = (version: number): Uint8Array => {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, BigInt(version))
  return new Uint8Array(view.buffer)
}
