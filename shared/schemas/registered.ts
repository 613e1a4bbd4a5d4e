import { z } from 'zod'
import type { AvroField, AvroRecord, AvroType } from './avro.ts'

const avroField: z.ZodType<AvroField> = z.object({
  name: z.string(),
  get type() {
    return avroType
  },
  default: z.null().exactOptional(),
  nullable: z.literal(true).exactOptional(),
})

const avroRecord: z.ZodType<AvroRecord> = z.object({
  type: z.literal('record'),
  name: z.string(),
  namespace: z.string().exactOptional(),
  fields: z.array(avroField),
})

const avroType: z.ZodType<AvroType> = z.lazy(() =>
  z.union([
    z.string(),
    z.array(avroType),
    avroRecord,
    z.object({
      type: z.literal('enum'),
      name: z.string(),
      namespace: z.string(),
      symbols: z.array(z.string()),
    }),
    z.object({ type: z.literal('array'), items: avroType }),
    z.object({ type: z.literal('map'), values: avroType }),
  ]),
)

const topicRecord = z.object({ type: z.literal('record'), contracts: z.array(avroRecord) })

/**
 * The contracts in a schema that was registered from contracts, whatever made it since then;
 * undefined for one that somebody else has registered.
 */
export function registeredContracts(definition: string): readonly AvroRecord[] | undefined {
  return topicRecord.safeParse(parsed(definition)).data?.contracts
}

/** The record of the topic in such a schema, with the fields of all its contracts. */
export const registeredRecord = (definition: string): AvroRecord | undefined =>
  registeredContracts(definition) && avroRecord.safeParse(parsed(definition)).data

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
