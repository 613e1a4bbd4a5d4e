import type { Database } from '../../postgres/database.ts'
import type { Heads } from './heads.ts'
import type { PartitionQueue, StoredMessage } from './partition-queue.ts'
import { ask } from './statements.ts'

/** What a consumer would like to have read now. */
export interface Want {
  readonly queue: PartitionQueue
  readonly limit: number
}

export interface Source {
  wants(): readonly Want[]
  arrived(): void
  failed(error: unknown): void
}

export interface Reader {
  add(source: Source): void
  remove(source: Source): void
  /** Looks whether anybody wants anything. */
  wake(): void
}

/** Reads for all consumers of the process, with one statement for everything that is wanted. */
export const messageReader = (database: Database, heads: Heads): Reader => {
  const sources = new Set<Source>()
  let running = false

  const read = async (wants: readonly Want[]) => {
    const known = wants.map(({ queue }) => heads.get(queue.start.partitionId))
    const rows = await ask<Row>(database, select, [
      wants.map(({ queue }) => queue.start.partitionId),
      wants.map(({ queue }) => queue.position),
      wants.map(({ limit }) => limit),
    ])
    const found = wants.map((): Row[] => [])
    for (const row of rows) found[row.want - 1]?.push(row)
    wants.forEach(({ queue, limit }, index) => {
      const its = found[index] ?? []
      queue.add(its)
      if (its.length < limit) queue.skipTo(known[index] ?? 0)
    })
  }

  const run = async () => {
    running = true
    for (;;) {
      const asking = [...sources].map((source) => ({ source, wants: source.wants() }))
      const wanting = asking.filter(({ wants }) => wants.length > 0)
      if (wanting.length === 0) break
      try {
        await read(wanting.flatMap(({ wants }) => wants))
        for (const { source } of wanting) source.arrived()
      } catch (error) {
        running = false
        for (const { source } of wanting) source.failed(error)
        return
      }
    }
    running = false
  }

  const wake = () => {
    if (!running) void run()
  }
  heads.listen(wake)
  return {
    add: (source) => void sources.add(source),
    remove: (source) => void sources.delete(source),
    wake,
  }
}

interface Row extends StoredMessage {
  readonly want: number
}

const select = `
  SELECT w.want::int, m.seq, m.key, m.payload, m.properties, m.publish_time, m.event_time
  FROM unnest($1::int[], $2::bigint[], $3::int[]) WITH ORDINALITY AS w(partition_id, seq, n, want),
  LATERAL (
    SELECT * FROM broker.message m
    WHERE m.partition_id = w.partition_id AND m.seq >= w.seq ORDER BY m.seq LIMIT w.n
  ) m`
