import { existing } from './existing.ts'
import { flag, needed, optional } from './parameter.ts'
import { readSchema, schemaView } from './schema-file.ts'
import { whole } from './values.ts'
import { verb, type Verbs } from './verb.ts'
import { words } from './words.ts'

const { topic } = words
const file = needed('-f, --filename <file>', 'JSON with type, schema and properties', readSchema)

export const schemas: Verbs = {
  get: verb({
    summary: 'the schema of a topic, the latest or one version',
    parameters: {
      topic,
      version: optional('-v, --version <number>', 'this version', whole(0)),
      all: flag('-a, --all-version', 'all versions'),
    },
    call: async (admin, input) =>
      input.all ? admin.schemas.all(input.topic) : admin.schemas.get(input.topic, input.version),
    show: (answer) => ('version' in answer ? [answer] : answer).map(schemaView).join('\n\n'),
  }),
  upload: verb({
    summary: 'register a schema; answers its version',
    parameters: { topic, file },
    change: (input) => `register a schema (${input.file.type}) for ${input.topic}`,
    needs: existing.topic,
    call: async (admin, input) => ({
      version: await admin.schemas.upload(input.topic, input.file),
    }),
  }),
  delete: verb({
    summary: 'delete all versions of the schema of a topic',
    parameters: { topic, force: flag('-f, --force', 'leave nothing of them') },
    change: (input) => `delete the schemas of ${input.topic}`,
    needs: (admin, input) => admin.schemas.get(input.topic),
    call: (admin, input) => admin.schemas.delete(input.topic, input),
  }),
  compatibility: verb({
    summary: 'whether a schema could be registered',
    parameters: { topic, file },
    needs: existing.topic,
    call: async (admin, input) => admin.schemas.compatibility(input.topic, input.file),
  }),
}
