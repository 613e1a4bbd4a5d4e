import type { z } from 'zod'
import { Misuse } from '../kernel/fates.ts'
import type { Field, RecordShape, Shape, Slot } from './shape.ts'

type AnySchema = z.core.$ZodType
type AnyDefinition = z.core.$ZodTypes['_zod']['def']

/**
 * The shape of what `schema` puts out, as it travels in JSON. Rules that only narrow (formats,
 * lengths, refinements) are no part of it. Throws `Misuse` slug `unmappable-schema`, naming the path,
 * for what has no shape: unions, transformations, open objects, big integers and the like.
 */
export function shapeOf(schema: AnySchema, name: string): RecordShape {
  const { shape, nullable, optional } = fieldOf(schema, name)
  if (shape.kind === 'record' && !nullable && !optional) return shape
  throw unmappable(name, 'a message is an object')
}

const defOf = (schema: AnySchema) => (schema as unknown as { def: AnyDefinition }).def

function fieldOf(schema: AnySchema, path: string): Field {
  const def = defOf(schema)
  switch (def.type) {
    case 'optional':
    case 'default':
    case 'prefault':
      return { ...fieldOf(def.innerType, path), optional: true }
    case 'nullable':
      return { ...fieldOf(def.innerType, path), nullable: true }
    case 'nonoptional':
      return { ...fieldOf(def.innerType, path), optional: false }
    case 'readonly':
      return fieldOf(def.innerType, path)
    default:
      return { shape: innerShape(schema, path), nullable: false, optional: false }
  }
}

function innerShape(schema: AnySchema, path: string): Shape {
  const def = defOf(schema)
  switch (def.type) {
    case 'string':
    case 'template_literal':
      return { kind: 'string' }
    case 'boolean':
      return { kind: 'boolean' }
    case 'number':
      return { kind: numberKind(schema as z.ZodNumber) }
    case 'enum':
      return wordsShape(Object.values(def.entries), path)
    case 'literal':
      return wordsShape(def.values, path)
    case 'array':
      return { kind: 'list', items: slotOf(def.element, `${path}[]`) }
    case 'record':
      return { kind: 'map', values: slotOf(def.valueType, `${path}{}`) }
    case 'object':
      return recordShape(def, path)
    default:
      throw unmappable(path, `z.${def.type}() has no form that Avro knows`)
  }
}

function recordShape({ shape, catchall }: z.core.$ZodObjectDef, path: string): RecordShape {
  if (catchall && defOf(catchall).type !== 'never')
    throw unmappable(path, 'an object names all its fields: z.strictObject()')
  const fields = Object.entries(shape).map(([name, field]) => {
    if (!avroName.test(name))
      throw unmappable(`${path}.${name}`, 'a field is named with letters, digits and _')
    return [name, fieldOf(field, `${path}.${name}`)] as const
  })
  return { kind: 'record', fields: Object.fromEntries(fields) }
}

function slotOf(schema: AnySchema, path: string): Slot {
  const { shape, nullable, optional } = fieldOf(schema, path)
  if (optional) throw unmappable(path, 'JSON has no absent element; use .nullable()')
  return { shape, nullable }
}

/** Avro's names are stricter than words may be (https://avro.apache.org/docs/1.12.0/specification/#names). */
function wordsShape(words: readonly unknown[], path: string): Shape {
  if (!words.every((word) => typeof word === 'string'))
    throw unmappable(path, 'the values of an enum or a literal are texts')
  return words.every((word) => avroName.test(word)) ? { kind: 'enum', words } : { kind: 'string' }
}

const avroName = /^[A-Za-z_][A-Za-z0-9_]*$/

function numberKind({ format }: z.ZodNumber) {
  if (format === 'int32') return 'int'
  return format === 'safeint' || format === 'uint32' ? 'long' : 'double'
}

const unmappable = (path: string, why: string) =>
  new Misuse('unmappable-schema', `${path} cannot be registered as a schema: ${why}`)
