import { PulsarError } from '../errors.ts'
import type { ConnectionPool } from '../lookup/connection-pool.ts'
import { withoutPartition } from '../lookup/topic-name.ts'
import { fromWire, type SchemaInfo, schemaVersionBytes } from './schema-info.ts'

/** The schemas that brokers keep, each version of a topic asked for once. */
export class SchemaRegistry {
  readonly #pool: ConnectionPool
  readonly #versions = new Map<string, Promise<SchemaInfo>>()

  constructor(pool: ConnectionPool) {
    this.#pool = pool
  }

  /**
   * One version of a topic's schema, counted from 0; versions never change, so each is fetched once.
   * @throws PulsarError `topic-not-found` when it is not there (any more), or `connection`, `timeout`
   */
  version(topic: string, version: number): Promise<SchemaInfo> {
    const key = `${withoutPartition(topic)} ${version}`
    const known = this.#versions.get(key)
    if (known) return known
    const asked = this.#ask(topic, schemaVersionBytes(version))
    this.#versions.set(key, asked)
    // What failed may succeed later.
    asked.catch(() => this.#versions.delete(key))
    return asked
  }

  /** The newest, asked for each time; undefined when the topic has none. Throws as `version`. */
  async latest(topic: string): Promise<SchemaInfo | undefined> {
    try {
      return await this.#ask(topic, undefined)
    } catch (thrown) {
      if (thrown instanceof PulsarError && thrown.code === 'topic-not-found') return undefined
      throw thrown
    }
  }

  async #ask(topic: string, schemaVersion: Uint8Array | undefined): Promise<SchemaInfo> {
    const connection = await this.#pool.any()
    const asked = { topic: withoutPartition(topic), schemaVersion }
    const { schema } = await connection.request('getSchema', asked, 'getSchemaResponse')
    if (schema) return fromWire(schema)
    throw new PulsarError('topic-not-found', `${topic} has no such schema.`)
  }
}
