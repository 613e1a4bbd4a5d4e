import type { AvroField, AvroRecord, AvroType } from './avro.ts'

export const changeRules = {
  'contract-added': 'a new kind of message disturbs nobody',
  'contract-removed':
    'messages of it may still be on the topic; keep it, or let a newer version of it follow',
  'optional-field-added': 'messages without it stay valid',
  'required-field-added': 'messages that are stored already lack it; make it optional',
  'field-removed': 'readers of today expect it; keep it, or make a new version of the contract',
  'field-retyped': 'readers of today expect the old type; give the new one another name',
  'field-now-required': 'messages that are stored already may lack it; leave it optional',
  'field-now-optional': 'readers of today expect it; leave it required',
  'null-now-allowed': 'readers of today expect a value; leave null out, or add an optional field',
  'null-now-refused': 'messages that are stored already may carry null; leave it allowed',
  'field-left-topic':
    'readers of today know it of the topic as a whole; keep the version of the contract that has it, beside the new one',
  'field-retyped-on-topic':
    'readers of today know the old type of the topic as a whole; give the new one another name',
  'word-added': 'readers of today do not know the word; make a new version of the contract',
  'word-removed': 'messages that are stored already may carry the word; keep it',
} as const

export type ChangeRule = keyof typeof changeRules

/** One difference between what is registered and what the code says. */
export interface SchemaChange {
  /** As in `ce_type`. */
  readonly contract: string
  /** Path of the field, `itineraries[].odos`; empty when the message as a whole is meant. */
  readonly field: string
  readonly rule: ChangeRule
  /** What was and what is, in words; empty where the rule says it all. */
  readonly detail: string
}

const harmless: readonly ChangeRule[] = ['contract-added', 'optional-field-added']

/** Whether messages of one side could not be read by the other, in either direction. */
export const isBreaking = ({ rule }: SchemaChange): boolean => !harmless.includes(rule)

/**
 * What happened to the contracts of a topic, in the order of the wanted ones. A topic keeps messages
 * for days and its readers are updated one after the other, so both directions count: new readers
 * with old messages, old readers with new messages.
 */
export function changesBetween(
  registered: readonly AvroRecord[],
  wanted: readonly AvroRecord[],
): readonly SchemaChange[] {
  const removed = registered
    .filter((old) => !wanted.some((now) => sameContract(old, now) || follows(now, old)))
    .map((old) => change(contractType(old), '', 'contract-removed'))
  const others = wanted.flatMap((now) => {
    const old = registered.find((record) => sameContract(record, now))
    const contract = contractType(now)
    return old ? recordChanges(contract, old, now, '') : [change(contract, '', 'contract-added')]
  })
  return [...removed, ...others]
}

/** What the record of a whole topic has lost, as the broker looks at it: it does not know of versions. */
export const lossesOf = (old: AvroRecord, now: AvroRecord): readonly SchemaChange[] =>
  recordChanges(`${old.namespace}.${old.name}`, old, now, '').flatMap((found) => {
    const rule = onTopic[found.rule]
    return rule ? [{ ...found, rule }] : []
  })

const onTopic: Readonly<Partial<Record<ChangeRule, ChangeRule>>> = {
  'field-removed': 'field-left-topic',
  'field-retyped': 'field-retyped-on-topic',
}

const change = (contract: string, field: string, rule: ChangeRule, detail = ''): SchemaChange => ({
  contract,
  field,
  rule,
  detail,
})

const sameContract = (one: AvroRecord, other: AvroRecord) =>
  contractType(one) === contractType(other)

const follows = (newer: AvroRecord, older: AvroRecord) => {
  const [a, b] = [versioned(newer), versioned(older)]
  return a.module === b.module && newer.name === older.name && a.version > b.version
}

const versioned = ({ namespace = '' }: AvroRecord) => {
  const [, module = namespace, version = '0'] = /^(.+)\.v(\d+)$/.exec(namespace) ?? []
  return { module, version: Number(version) }
}

const contractType = (record: AvroRecord) => {
  const { module, version } = versioned(record)
  return `${module}.${record.name}.v${version}`
}

function recordChanges(
  contract: string,
  old: AvroRecord,
  now: AvroRecord,
  path: string,
): readonly SchemaChange[] {
  const at = (name: string) => (path === '' ? name : `${path}.${name}`)
  const before = new Map(old.fields.map((field) => [field.name, field]))
  const after = new Map(now.fields.map((field) => [field.name, field]))
  return [
    ...old.fields
      .filter(({ name }) => !after.has(name))
      .map(({ name }) => change(contract, at(name), 'field-removed')),
    ...now.fields.flatMap((field) => {
      const was = before.get(field.name)
      if (was) return fieldChanges(contract, was, field, at(field.name))
      const rule = isOptional(field) ? 'optional-field-added' : 'required-field-added'
      return [change(contract, at(field.name), rule)]
    }),
  ]
}

const isOptional = (field: AvroField) => field.default === null

function fieldChanges(
  contract: string,
  old: AvroField,
  now: AvroField,
  path: string,
): readonly SchemaChange[] {
  if (isOptional(old) !== isOptional(now)) {
    const rule = isOptional(old) ? 'field-now-required' : 'field-now-optional'
    return [change(contract, path, rule)]
  }
  if (old.nullable !== now.nullable)
    return [change(contract, path, old.nullable ? 'null-now-refused' : 'null-now-allowed')]
  return typeChanges(contract, old.type, now.type, path)
}

function typeChanges(
  contract: string,
  old: AvroType,
  now: AvroType,
  path: string,
): readonly SchemaChange[] {
  const [a, b] = [slot(old), slot(now)]
  if (a.nullable !== b.nullable)
    return [change(contract, path, a.nullable ? 'null-now-refused' : 'null-now-allowed')]
  return innerChanges(contract, a.type, b.type, path)
}

function innerChanges(
  contract: string,
  old: AvroType,
  now: AvroType,
  path: string,
): readonly SchemaChange[] {
  if (isObject(old) && isObject(now)) {
    if (old.type === 'record' && now.type === 'record')
      return recordChanges(contract, old, now, path)
    if (old.type === 'array' && now.type === 'array')
      return typeChanges(contract, old.items, now.items, `${path}[]`)
    if (old.type === 'map' && now.type === 'map')
      return typeChanges(contract, old.values, now.values, `${path}{}`)
    if (old.type === 'enum' && now.type === 'enum')
      return wordChanges(contract, old.symbols, now.symbols, path)
  }
  if (kind(old) === kind(now)) return []
  return [change(contract, path, 'field-retyped', `was ${kind(old)}, is ${kind(now)}`)]
}

const wordChanges = (
  contract: string,
  old: readonly string[],
  now: readonly string[],
  path: string,
): readonly SchemaChange[] => [
  ...old
    .filter((word) => !now.includes(word))
    .map((word) => change(contract, path, 'word-removed', word)),
  ...now
    .filter((word) => !old.includes(word))
    .map((word) => change(contract, path, 'word-added', word)),
]

type AvroObject = Exclude<AvroType, string | readonly AvroType[]>

const isObject = (type: AvroType): type is AvroObject =>
  typeof type === 'object' && !Array.isArray(type)

const kind = (type: AvroType): string => (isObject(type) ? type.type : String(type))

const slot = (type: AvroType): { readonly nullable: boolean; readonly type: AvroType } => {
  if (!Array.isArray(type)) return { nullable: false, type }
  const branches: readonly AvroType[] = type
  const rest = branches.filter((branch) => branch !== 'null')
  const [only] = rest
  return {
    nullable: rest.length < branches.length,
    type: rest.length === 1 && only !== undefined ? only : JSON.stringify(rest),
  }
}
