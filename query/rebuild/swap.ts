import type { Transaction } from '../../shared/postgres/database.ts'
import type { Unreached } from './catch-up.ts'
import { lockHeads, type Reaching } from './compare.ts'
import { besideTable, liveTable } from './names.ts'
import { patiently } from './patience.ts'
import { type Building, endBuilding, saveProgress } from './progress.ts'
import { RebuildRefused } from './refused.ts'
import { shapeOf } from './shadow.ts'

/**
 * Puts the tables in place of the live ones, all in one transaction that first catches up with what
 * is live, so that the projector goes on where it was. Answers live versions that the log does not
 * account for; these end here. Throws `RebuildRefused` when a live row is ahead of an event that no
 * view can take.
 */
export async function swap(building: Building, swapping: Reaching): Promise<readonly Unreached[]> {
  const unreached = await patiently(() =>
    swapping.read.transaction((tx) => swapIn(tx, building, swapping)),
  )
  for (const stream of building.projection.streams) await stream.rebuilt?.(swapping.read)
  return unreached
}

async function swapIn(tx: Transaction, building: Building, { reach }: Reaching) {
  await shortly(tx)
  await lockHeads(tx, building)
  await saveProgress(tx, building)
  const within = (work: (tx: Transaction) => Promise<void>) => tx.savepoint(work)
  const unreached = await reach(building, { on: tx, within, lasting: false })
  refuseBlocked(unreached)
  const { projection, schema } = building
  for (const view of projection.views)
    await tx.query(`LOCK TABLE ${liveTable(view)} IN ACCESS EXCLUSIVE MODE`)
  // A migration since the beginning, that these locks have waited for too, has changed what is to go.
  if ((await shapeOf(tx, projection)) !== building.shape)
    throw new RebuildRefused('the live tables were changed meanwhile: rebuild once more')
  for (const view of projection.views) {
    const live = liveTable(view)
    await tx.query(`DROP TABLE ${live}`)
    await tx.query(`ALTER TABLE ${besideTable(schema, view)} SET SCHEMA ${schemaOf(live)}`)
  }
  await endBuilding(tx, building)
  return unreached
}

// Less than a deadlock_timeout: in a ring with a reader of two tables it is this that gives way.
const shortly = (tx: Transaction) => tx.query(`SET LOCAL lock_timeout = '300ms'`)

function refuseBlocked(unreached: readonly Unreached[]): void {
  const words = unreached.flatMap(({ table, id, live, blocked }) =>
    blocked
      ? [`${table} ${id} is at version ${live}: event ${blocked.event}, ${blocked.reason}`]
      : [],
  )
  if (words.length > 0)
    throw new RebuildRefused(
      `live rows hold events that no view can take from the log:\n${words.slice(0, 20).join('\n')}`,
    )
}

const schemaOf = (table: string) => table.split('.')[0] ?? ''
