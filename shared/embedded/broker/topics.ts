import { Misuse } from '../../kernel/fates.ts'
import type { Database } from '../../postgres/database.ts'
import { ask } from './statements.ts'

/** A topic as the broker numbers it; fixed once the topic exists. */
export interface Topic {
  readonly id: number
  readonly name: string
  /** Ids by partition number. */
  readonly partitionIds: readonly number[]
}

export interface Topics {
  /** What is known already, without asking. */
  known(name: string): Topic | undefined
  /** Throws `Misuse` slug `unknown-topic`, and `Transient` slug `broker-unavailable`. */
  find(name: string): Promise<Topic>
}

/** Topics by name; asked once each, since they never change. */
export const topicDirectory = (database: Database): Topics => {
  const found = new Map<string, Topic>()
  return {
    known: (name) => found.get(name),
    async find(name) {
      const known = found.get(name)
      if (known) return known
      const [row] = await ask<{ id: number; partition_ids: number[] }>(database, findTopic, [name])
      if (!row)
        throw new Misuse('unknown-topic', `there is no topic ${name}: create it with ensureTopic`)
      const topic = { id: row.id, name, partitionIds: row.partition_ids }
      found.set(name, topic)
      return topic
    },
  }
}

const findTopic = `
  SELECT t.id, array_agg(p.id ORDER BY p.partition) AS partition_ids
  FROM broker.topic t JOIN broker.partition p ON p.topic_id = t.id WHERE t.name = $1 GROUP BY t.id`
