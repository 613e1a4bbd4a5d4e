import type { Queryable } from '../../shared/postgres/database.ts'
import { type Projection, tableName } from '../projection/projections.ts'
import { countEvents, logModules } from './event-log.ts'
import { liveTable } from './names.ts'
import { unfinished } from './progress.ts'

export interface ProjectionState {
  readonly projection: string
  readonly tables: string
  readonly rows: number
  /** Events in it: the sum of its heads' versions. */
  readonly checkpoint: number
  /** Events of the log that it is made from. */
  readonly log: number
  readonly behind: number
  /** Events that an unfinished rebuild has read; null when there is none. */
  readonly rebuilding: number | null
}

/** How far each projection is. Reads all of the tables, and an index of the log. */
export async function overview(
  projections: readonly Projection[],
  { log, read }: { readonly log: Queryable; readonly read: Queryable },
): Promise<readonly ProjectionState[]> {
  const begun = await unfinished(read)
  const events = await countEvents(log)
  const states: ProjectionState[] = []
  for (const projection of projections) {
    const modules = await logModules(log, projection.streams)
    const logged = modules.reduce((sum, { module }) => sum + (events.get(module) ?? 0), 0)
    const { rows, checkpoint } = await count(read, projection)
    states.push({
      projection: projection.name,
      tables: projection.views.map(tableName).join(', '),
      rows,
      checkpoint,
      log: logged,
      // Negative for a row whose version is beyond the log: nothing but a repair makes such a one.
      behind: logged - checkpoint,
      rebuilding: begun.get(projection.name) ?? null,
    })
  }
  return states
}

async function count(read: Queryable, { heads, views }: Projection) {
  const [found] = await read.query<{ rows: number; checkpoint: number }>(
    `SELECT (${views.map((view) => `(SELECT count(*) FROM ${liveTable(view)})`).join(' + ')})::float8
       AS rows,
     (${heads.map((head) => `(SELECT coalesce(sum(version), 0) FROM ${liveTable(head)})`).join(' + ')})
       ::float8 AS checkpoint`,
  )
  return found ?? { rows: 0, checkpoint: 0 }
}
