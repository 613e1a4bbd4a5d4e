import type { Contract } from '../contracts/contract.ts'
import { contractsOf } from '../contracts/topology.ts'
import { type AvroRecord, avroRecord, type FieldRule } from './avro.ts'
import { mergeShapes } from './merge.ts'
import type { RecordShape } from './shape.ts'
import { shapeOf } from './zod-shape.ts'

/** What is registered for a topic; `definition` is JSON text, the same for the same contracts. */
export interface TopicSchema {
  readonly type: 'JSON'
  readonly definition: string
}

/** The record of a topic, which also carries those of its contracts. */
export interface TopicRecord extends AvroRecord {
  readonly contracts: readonly AvroRecord[]
}

/**
 * The schema of a topic of ours, named as in the contracts; undefined for one that carries no
 * contracts, such as dead letters. Producers give it to the broker, which knows it from
 * `./aero topology apply`. Throws `Misuse` slug `unmappable-schema` (see `shapeOf`, `mergeShapes`).
 */
export function schemaOf(topic: string): TopicSchema | undefined {
  const contracts = contractsOf(topic)
  if (contracts.length === 0) return undefined
  return { type: 'JSON', definition: JSON.stringify(topicRecord(topic, contracts)) }
}

/**
 * One record for all that a topic carries. Every client of Pulsar reads a record; a union of records
 * is stored by the broker and read by none. Within `contracts` each message has a record of its own,
 * which says what is required of it. See docs/decisions/0021.
 */
export function topicRecord(topic: string, contracts: readonly Contract[]): TopicRecord {
  const [, namespace = '', name = ''] = /([^/]+)\/([^/]+)$/.exec(topic) ?? []
  const merged = mergeShapes(
    contracts.map(({ type, schema }) => ({ name: type, shape: shapeOf(schema, type) })),
  )
  const record = avroRecord(
    loose(merged),
    `aeroalpes.${avroWord(namespace)}.${avroWord(name)}`,
    withoutDefaults,
  )
  return { ...record, contracts: contracts.map(contractRecord) }
}

/** `aeroalpes.users.UserRegistered.v1` is the record `aeroalpes.users.v1.UserRegistered`. */
export function contractRecord({ module, name, version, schema, type }: Contract): AvroRecord {
  const fullName = `aeroalpes.${avroWord(module)}.v${version}.${name}`
  return avroRecord(shapeOf(schema, type), fullName, defaultWhereAbsent)
}

// The next kind of message may lack what all of today have in common.
const loose = (shape: RecordShape): RecordShape => ({
  kind: 'record',
  fields: Object.fromEntries(
    Object.entries(shape.fields).map(([name, field]) => [name, { ...field, optional: true }]),
  ),
})

/** A default would let the broker take the removal of a field for harmless. */
const withoutDefaults: FieldRule = ({ nullable, optional }) => ({
  nullable: nullable || optional,
  withDefault: false,
})

const defaultWhereAbsent: FieldRule = ({ nullable, optional }) => ({
  nullable: nullable || optional,
  withDefault: optional,
})

const avroWord = (word: string) => word.replaceAll('-', '_')
