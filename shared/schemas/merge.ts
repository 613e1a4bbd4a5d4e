import { Misuse } from '../kernel/fates.ts'
import type { Field, RecordShape, Shape, Slot } from './shape.ts'

/** The shape of one kind of message, and what to call it when it disagrees with another. */
export interface NamedShape {
  readonly name: string
  readonly shape: RecordShape
}

/**
 * One shape that holds for each of `messages`: all their fields, of which those that not every one
 * has are optional. Throws `Misuse` slug `unmappable-schema` when two use one name for values of
 * different kinds.
 */
export function mergeShapes(messages: readonly NamedShape[]): RecordShape {
  const [first, ...rest] = messages
  if (!first) throw new Misuse('unmappable-schema', 'a topic without any contract has no schema')
  let merged = first
  for (const { name, shape } of rest) {
    merged = { name: `${merged.name}, ${name}`, shape: mergeRecords(merged, { name, shape }, '') }
  }
  return merged.shape
}

function mergeRecords(one: NamedShape, other: NamedShape, path: string): RecordShape {
  const names = [...new Set([...fieldNames(one), ...fieldNames(other)])]
  const fields = names.map((name): [string, Field] => {
    const [a, b] = [one.shape.fields[name], other.shape.fields[name]]
    if (!a || !b) return [name, { ...((a ?? b) as Field), optional: true }]
    const at = path === '' ? name : `${path}.${name}`
    return [
      name,
      { ...mergeSlots([one.name, a], [other.name, b], at), optional: a.optional || b.optional },
    ]
  })
  return { kind: 'record', fields: Object.fromEntries(fields) }
}

const fieldNames = ({ shape }: NamedShape) => Object.keys(shape.fields)

type Side<Value> = readonly [name: string, value: Value]

const mergeSlots = (one: Side<Slot>, other: Side<Slot>, path: string): Slot => ({
  shape: mergeShape([one[0], one[1].shape], [other[0], other[1].shape], path),
  nullable: one[1].nullable || other[1].nullable,
})

function mergeShape([one, a]: Side<Shape>, [other, b]: Side<Shape>, path: string): Shape {
  if (a.kind === 'record' && b.kind === 'record')
    return mergeRecords({ name: one, shape: a }, { name: other, shape: b }, path)
  if (a.kind === 'enum' && b.kind === 'enum')
    return { kind: 'enum', words: [...new Set([...a.words, ...b.words])] }
  if (a.kind === 'list' && b.kind === 'list')
    return { kind: 'list', items: mergeSlots([one, a.items], [other, b.items], `${path}[]`) }
  if (a.kind === 'map' && b.kind === 'map')
    return { kind: 'map', values: mergeSlots([one, a.values], [other, b.values], `${path}{}`) }
  if (a.kind === b.kind) return a
  throw new Misuse(
    'unmappable-schema',
    `${path} is ${a.kind} in ${one} and ${b.kind} in ${other}, on one topic; give one of them another name`,
  )
}
