import { readFileSync } from 'node:fs'
import { InvalidArgumentError } from 'commander'
import { z } from 'zod'
import type { Schema, StoredSchema } from '../../shared/pulsar/admin/schemas.ts'

const definition = z.object({
  type: z.enum(['AVRO', 'JSON', 'STRING', 'BYTES', 'PROTOBUF', 'PROTOBUF_NATIVE', 'KEY_VALUE']),
  // pulsar-admin wants text; a definition written as JSON is meant the same.
  schema: z
    .union([z.string(), z.record(z.string(), z.json()), z.array(z.json())])
    .transform((given) => (typeof given === 'string' ? given : JSON.stringify(given))),
  properties: z.record(z.string(), z.string()).default({}),
})

/** The file that `schemas upload` takes. Throws `InvalidArgumentError` naming the file. */
export function readSchema(file: string): Schema {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new InvalidArgumentError(`No JSON could be read from it: ${why}`)
  }
  const parsed = definition.safeParse(content)
  if (parsed.success) return parsed.data
  throw new InvalidArgumentError(
    `Expected type, schema, properties: ${z.prettifyError(parsed.error)}`,
  )
}

/** For people: the definition indented. */
export function schemaView({ version, type, timestamp, properties, data }: StoredSchema): string {
  const lines = [
    `version: ${version}`,
    `type: ${type}`,
    `registered: ${new Date(timestamp).toISOString()}`,
    ...Object.entries(properties).map(([name, value]) => `${name}: ${value}`),
  ]
  return [...lines, indented(data)].join('\n').trimEnd()
}

function indented(definitionText: string): string {
  try {
    return JSON.stringify(JSON.parse(definitionText), undefined, 2)
  } catch {
    // A definition that is no JSON is shown as it is.
    return definitionText
  }
}
