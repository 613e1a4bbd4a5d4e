import type { PulsarAdmin } from '../pulsar/admin/admin.ts'
import type { Schema, StoredSchema } from '../pulsar/admin/schemas.ts'
import {
  changeRules,
  changesBetween,
  isBreaking,
  lossesOf,
  type SchemaChange,
} from '../schemas/compare.ts'
import { registeredContracts, registeredRecord } from '../schemas/registered.ts'
import type { DesiredTopic } from './desired.ts'
import { type Difference, existing, type Remedy } from './difference.ts'

/** What is registered for a topic, beside what the contracts of this code say. */
export type SchemaState =
  | { readonly state: 'same'; readonly version: number }
  | { readonly state: 'not-registered' }
  | ChangedSchema

export interface ChangedSchema {
  readonly state: 'compatible' | 'incompatible'
  /** The latest that is registered. */
  readonly version: number
  /** Empty when what is registered was not made from contracts. */
  readonly changes: readonly SchemaChange[]
  /** The broker's own words; empty when it agrees. */
  readonly refusal: string
}

/**
 * Asks for the verdict of the broker and adds our own: it takes words of an enum and most of what is
 * required of a single kind of message for harmless. A version that was registered before the latest
 * one is fine, so that code of before still starts.
 */
export async function schemaState(admin: PulsarAdmin, topic: DesiredTopic): Promise<SchemaState> {
  const wanted = schemaOfTopic(topic)
  // To ask for a schema in a namespace that does not exist yet makes Pulsar 4.2 remember that
  // namespace with a single bundle, and refuse to unload it.
  const isThere = (await existing(admin.topics.partitions(topic.name))) !== undefined
  if (!wanted || !isThere) return { state: 'not-registered' }
  const version = await existing(admin.schemas.versionOf(topic.name, wanted))
  if (version !== undefined) return { state: 'same', version }
  const latest = await existing(admin.schemas.get(topic.name))
  if (!latest) return { state: 'not-registered' }
  const { compatible, reason } = await admin.schemas.compatibility(topic.name, wanted)
  const found = changesOf(latest, wanted)
  const isExplained = compatible || found.some(isBreaking)
  const changes = isExplained ? found : [...found, ...lossesIn(latest, wanted)]
  const state = compatible && !changes.some(isBreaking) ? 'compatible' : 'incompatible'
  return { state, version: latest.version, changes, refusal: compatible ? '' : reason }
}

const schemaOfTopic = ({ schema }: DesiredTopic): Schema | undefined =>
  schema && { type: schema.type, schema: schema.definition }

function changesOf(latest: StoredSchema, wanted: Schema): readonly SchemaChange[] {
  const [old, now] = [registeredContracts(latest.data), registeredContracts(wanted.schema)]
  return old && now ? changesBetween(old, now) : []
}

function lossesIn(latest: StoredSchema, wanted: Schema): readonly SchemaChange[] {
  const [old, now] = [registeredRecord(latest.data), registeredRecord(wanted.schema)]
  return old && now ? lossesOf(old, now) : []
}

/** Why a schema cannot be registered: our own words for it where we have some, else the broker's. */
export const refusalWords = ({ changes, refusal }: ChangedSchema): string =>
  changes.filter(isBreaking).map(changeWords).join('; ') || refusal

/** `UserRegistered.v1 locale: field-removed (readers of today expect it; ...)` */
const changeWords = ({ contract, field, rule, detail }: SchemaChange): string => {
  const place = field === '' ? contract : `${contract} ${field}`
  return `${place}: ${rule.replaceAll('-', ' ')}${detail && ` (${detail})`}: ${changeRules[rule]}`
}

export async function schemaDifferences(
  admin: PulsarAdmin,
  topic: DesiredTopic,
): Promise<readonly Difference[]> {
  if (!topic.schema) return []
  const found = await schemaState(admin, topic)
  if (found.state === 'same') return []
  if (found.state === 'not-registered')
    return [{ ...difference(topic), is: 'none', remedy: registration(topic) }]
  const base = { ...difference(topic), is: `version ${found.version}` }
  if (found.state === 'compatible') {
    const news = found.changes.map(changeWords).join('; ')
    return [{ ...base, wanted: news || base.wanted, remedy: registration(topic) }]
  }
  return [{ ...base, remedy: { refused: refusalWords(found) } }]
}

const difference = ({ name }: DesiredTopic) =>
  ({ kind: 'schema', on: name, wanted: 'the one of its contracts' }) as const

const registration = (topic: DesiredTopic): Remedy => ({
  async mend({ schemas }) {
    const schema = schemaOfTopic(topic)
    if (schema) await schemas.upload(topic.name, schema)
  },
})
