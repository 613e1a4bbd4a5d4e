import type { Field, RecordShape, Shape, Slot } from './shape.ts'

/** An Avro schema as a JSON value (https://avro.apache.org/docs/1.12.0/specification/). */
export type AvroType = string | readonly AvroType[] | AvroRecord | AvroEnum | AvroList | AvroMap

export interface AvroRecord {
  readonly type: 'record'
  readonly name: string
  readonly namespace?: string
  readonly fields: readonly AvroField[]
}

export interface AvroField {
  readonly name: string
  readonly type: AvroType
  readonly default?: null
  /** Of a field with a default: null is a value too. Avro cannot say so, and keeps the attribute. */
  readonly nullable?: true
}

interface AvroEnum {
  readonly type: 'enum'
  readonly name: string
  readonly namespace: string
  readonly symbols: readonly string[]
}

interface AvroList {
  readonly type: 'array'
  readonly items: AvroType
}

interface AvroMap {
  readonly type: 'map'
  readonly values: AvroType
}

/** How a field says that it may be null or absent. */
export type FieldRule = (field: Field) => {
  readonly nullable: boolean
  /** With the default null, a reader needs no value. */
  readonly withDefault: boolean
}

/**
 * The record `namespace.name` of that shape. Types within it are named for the path that leads to
 * them, so that no two are called the same and none changes its name when a field is added elsewhere.
 */
export function avroRecord(shape: RecordShape, fullName: string, rule: FieldRule): AvroRecord {
  return {
    type: 'record',
    ...nameParts(fullName),
    fields: Object.entries(shape.fields).map(([name, field]) => {
      const { nullable, withDefault } = rule(field)
      const type = avroSlot({ ...field, nullable }, `${fullName}.${name}`, rule)
      if (!withDefault) return { name, type }
      return { name, type, default: null, ...(field.nullable ? { nullable: true } : {}) }
    }),
  }
}

function avroSlot({ shape, nullable }: Slot, path: string, rule: FieldRule): AvroType {
  const type = avroType(shape, path, rule)
  return nullable ? ['null', type] : type
}

function avroType(shape: Shape, path: string, rule: FieldRule): AvroType {
  switch (shape.kind) {
    case 'record':
      return avroRecord(shape, path, rule)
    case 'list':
      return { type: 'array', items: avroSlot(shape.items, path, rule) }
    case 'map':
      return { type: 'map', values: avroSlot(shape.values, path, rule) }
    case 'enum':
      return { type: 'enum', ...nameParts(path), symbols: shape.words }
    default:
      return shape.kind
  }
}

function nameParts(fullName: string) {
  const dot = fullName.lastIndexOf('.')
  return { name: fullName.slice(dot + 1), namespace: fullName.slice(0, dot) }
}
