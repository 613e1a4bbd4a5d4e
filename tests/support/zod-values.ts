import * as fc from 'fast-check'
import { z } from 'zod'

type Inner = { readonly innerType: z.core.$ZodType }

const texts: Readonly<Record<string, fc.Arbitrary<string>>> = {
  uuid: fc.uuid(),
  datetime: fc
    .date({ min: new Date('1900-01-01'), max: new Date('2999-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString()),
}

const defOf = (schema: z.core.$ZodType) =>
  (schema as unknown as { def: z.core.$ZodTypes['_zod']['def'] }).def

/** Any value that `schema` accepts, for the schemas that contracts are made of. */
export function valuesOf(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  const def = defOf(schema)
  const format = (schema as { format?: string | null }).format ?? ''
  switch (def.type) {
    case 'string':
      return texts[format] ?? fc.string({ unit: 'grapheme' })
    case 'number':
      return numbersOf(format).filter(within(schema))
    case 'boolean':
      return fc.boolean()
    case 'enum':
      return fc.constantFrom(...Object.values(def.entries))
    case 'literal':
      return fc.constantFrom(...def.values)
    case 'array':
      return fc.array(valuesOf(def.element), { maxLength: 3 }).filter(within(schema))
    case 'record':
      return fc.dictionary(fc.string(), valuesOf(def.valueType), { maxKeys: 3 })
    case 'nullable':
      return fc.option(valuesOf((def as Inner).innerType), { nil: null })
    case 'readonly':
      return valuesOf(def.innerType)
    case 'object':
      return objectsOf(def.shape)
    default:
      throw new Error(`no values for z.${def.type}()`)
  }
}

/** Bounds, such as `positive()` and `min(1)`, leave enough of what is made. */
const within = (schema: z.core.$ZodType) => (value: unknown) => z.safeParse(schema, value).success

const numbersOf = (format: string): fc.Arbitrary<number> => {
  // Beyond these avsc 5.7 refuses the largest and garbles the smallest; contracts never get there.
  if (format === 'safeint') return fc.integer({ min: -(2 ** 52), max: 2 ** 53 - 2 })
  return format === 'int32' ? fc.integer() : fc.double({ noNaN: true, noDefaultInfinity: true })
}

function objectsOf(shape: z.core.$ZodShape): fc.Arbitrary<unknown> {
  const fields = Object.entries(shape).map(([name, field]) => {
    const def = defOf(field)
    const absent = def.type === 'optional'
    return { name, absent, values: valuesOf(absent ? def.innerType : field) }
  })
  const requiredKeys = fields.filter(({ absent }) => !absent).map(({ name }) => name)
  return fc.record(Object.fromEntries(fields.map(({ name, values }) => [name, values])), {
    requiredKeys,
  })
}
