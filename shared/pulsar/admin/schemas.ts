import { essence, PulsarAdminError } from './errors.ts'
import { type AdminHttp, path } from './http.ts'
import { topicPaths } from './names.ts'

export interface Schema {
  readonly type: 'AVRO' | 'JSON' | 'STRING' | 'BYTES' | 'PROTOBUF' | 'PROTOBUF_NATIVE' | 'KEY_VALUE'
  /** The definition: for AVRO and JSON an Avro schema, as JSON text. */
  readonly schema: string
  readonly properties?: Readonly<Record<string, string>>
}

export interface StoredSchema {
  readonly version: number
  readonly type: Schema['type']
  readonly data: string
  /** Milliseconds since 1970. */
  readonly timestamp: number
  readonly properties: Readonly<Record<string, string>>
}

export interface Compatibility {
  readonly compatible: boolean
  /** Why not; empty when it is. */
  readonly reason: string
}

/** The schemas of topics. Those of a partitioned topic belong to it and not to its partitions. */
export const schemas = (http: AdminHttp) => {
  const at = (topic: string, ...rest: (string | number)[]) =>
    ['schemas', topicPaths(topic).bare, path(...rest)].join('/')
  const body = ({ type, schema, properties = {} }: Schema) => ({ type, schema, properties })
  return {
    /**
     * Answers its version, counted from 0; one that is there already keeps its own. Throws `conflict`
     * when it is not compatible with what is there.
     */
    upload: async (topic: string, schema: Schema): Promise<number> =>
      versionIn(
        await http.json<VersionAnswer>({
          method: 'POST',
          path: at(topic, 'schema'),
          body: body(schema),
        }),
      ),
    /** The latest, or one version. Throws `not-found`. */
    get: (topic: string, version?: number) =>
      http.json<StoredSchema>({
        method: 'GET',
        path: version === undefined ? at(topic, 'schema') : at(topic, 'schema', version),
      }),
    all: async (topic: string): Promise<readonly StoredSchema[]> =>
      (
        await http.json<{ getSchemaResponses: StoredSchema[] }>({
          method: 'GET',
          path: at(topic, 'schemas'),
        })
      ).getSchemaResponses,
    /** All versions. With `force` nothing of them is kept; without, they are marked as deleted. */
    delete: (topic: string, { force = false } = {}) =>
      http.run({ method: 'DELETE', path: at(topic, 'schema'), query: { force } }),
    /** Whether `upload` would take it. */
    compatibility: (topic: string, schema: Schema) =>
      http
        .run({ method: 'POST', path: at(topic, 'compatibility'), body: body(schema) })
        .then(() => ({ compatible: true, reason: '' }), incompatible),
    /** Which version this schema has there; undefined when it is none of them. */
    versionOf: async (topic: string, schema: Schema): Promise<number | undefined> => {
      const version = versionIn(
        await http.json<VersionAnswer>({
          method: 'POST',
          path: at(topic, 'version'),
          body: body(schema),
        }),
      )
      return version < 0 ? undefined : version
    },
  }
}

/** Pulsar answers 500, as if it were broken, where it means no. */
function incompatible(error: unknown): Compatibility {
  const isNo =
    error instanceof PulsarAdminError && error.reason.includes('IncompatibleSchemaException')
  if (!isNo) throw error
  return { compatible: false, reason: essence(error.reason) }
}

/** An upload answers with a number in an object, a question for the version with the number. */
interface VersionAnswer {
  readonly version: number | { readonly version: number }
}

const versionIn = ({ version }: VersionAnswer): number =>
  typeof version === 'object' ? version.version : version
