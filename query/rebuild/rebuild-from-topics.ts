import type { Envelope } from '../../shared/messaging/envelope.ts'
import type { Broker } from '../../shared/messaging/port.ts'
import type { Database, Transaction } from '../../shared/postgres/database.ts'
import type { Projection } from '../projection/projections.ts'
import { type Applier, applier as applierFor, type Blocked } from './apply.ts'
import { asOfOneMoment, compare } from './compare.ts'
import { type Gap, type Gaps, gapsOf } from './gaps.ts'
import { keepLive } from './keep-live.ts'
import { beginBuilding, type Building, endBuilding, saveProgress, whileOwn } from './progress.ts'
import { inPortions, type Reach } from './reach.ts'
import type { Scan } from './scan.ts'
import { dropShadows, indexShadows } from './shadow.ts'
import { swap } from './swap.ts'
import { openTopics, type TopicEvents } from './topic-events.ts'

export interface Topics {
  readonly broker: Pick<Broker, 'subscribe'>
  /** The database of the views. */
  readonly read: Database
  /** What was published before is not read. Default: everything that the topics keep. */
  readonly since?: Date | undefined
  /** Events that are read and written at once. */
  readonly pageSize?: number
  readonly onPage?: Scan['onPage']
}

export interface RebuiltFromTopics {
  /** Read of the topics. */
  readonly events: number
  /** Rows that were wrong just before the swap. */
  readonly corrected: number
  /** Rows that were behind the topics just before the swap: late, or lost. */
  readonly behind: number
  /** Aggregates whose events are not all there: their rows stay, with what the topics have after them. */
  readonly kept: number
  readonly gaps: readonly Gap[]
  readonly blocked: readonly Blocked[]
}

interface Run {
  readonly read: Database
  readonly applier: Applier
  readonly gaps: Gaps
  readonly topics: TopicEvents
  readonly open: () => Promise<TopicEvents>
  readonly onPage: Scan['onPage']
}

/**
 * Builds the tables of a projection anew from its topics, beside the live ones, and swaps them in one
 * transaction, while the projector and readers go on. Topics keep days, so it makes anew only what they
 * have from its first event on; every other live row is taken over, and goes on from its version. A
 * run that is killed has changed nothing, and begins anew when repeated. Throws `RebuildRefused`; then
 * nothing live has changed.
 */
export async function rebuildFromTopics(
  projection: Projection,
  { broker, read, since, pageSize = 4000, onPage = () => {} }: Topics,
): Promise<RebuiltFromTopics> {
  const begun = await beginBuilding(read, 'read_next', projection, { anew: true })
  const gaps = gapsOf(projection)
  const applier = applierFor('read_next', projection, gaps.note)
  const open = () => openTopics(projection, { broker, since, pageSize })
  const topics = await open()
  try {
    return await rebuilt(begun, { read, applier, gaps, topics, open, onPage })
  } finally {
    await topics.close()
  }
}

async function rebuilt(begun: Building, run: Run): Promise<RebuiltFromTopics> {
  const { read, applier, gaps } = run
  const built = await whileOwn(read, begun, () => build(begun, run))
  if (!built) return leaveAsItIs(begun, run)
  const { building, reaching, kept, comparison } = built
  await swap(building, reaching)
  const { count, behind } = comparison
  return {
    events: building.events,
    corrected: count - behind,
    behind,
    kept,
    gaps: await gaps.left(read),
    blocked: [...applier.blocked.values()],
  }
}

/** Everything but the swap; nothing where there are no events. */
async function build(begun: Building, run: Run) {
  const { read, gaps } = run
  const building = await readAll(begun, run)
  if (building.events === 0) return undefined
  const follow = follower(run)
  // Before anybody is held up: a long way back makes a long way forth.
  const comeClose = () => follow(building, inPortions(building, read))
  await comeClose()
  const kept = await asOfOneMoment(building, { read, reach: follow }, async (snapshot) => {
    await saveProgress(snapshot, building)
    return keepLive(snapshot, building)
  })
  await indexShadows(read, building.schema, building.projection)
  // What followed on rows that were not there yet, now that they are.
  if (gaps.forget()) await readOnceMore(building, run)
  const reach: Reach = async (_, at) => {
    const unreached = await follow(building, at)
    await at.within(async (tx) => void (await keepLive(tx, building)))
    return unreached
  }
  await comeClose()
  const comparison = await compare(building, { read, reach })
  await comeClose()
  return { building, reaching: { read, reach }, kept, comparison }
}

/** Makes rows of all that begins within what is read. */
async function readAll(begun: Building, { read, applier, topics, onPage }: Run): Promise<Building> {
  let now = begun
  await topics.toTheEnd(async (events) => {
    const done = { ...now, events: now.events + events.length }
    now = done
    const within = (work: (tx: Transaction) => Promise<void>) => read.transaction(work)
    await applier.apply(within, events, async (tx) => {
      await tx.query('SET LOCAL synchronous_commit = off')
      await saveProgress(tx, done)
    })
    await onPage(done)
  })
  return now
}

async function readOnceMore(building: Building, { read, applier, open }: Run): Promise<void> {
  const topics = await open()
  try {
    const { within } = inPortions(building, read)
    await topics.toTheEnd((events) => applier.apply(within, events))
  } finally {
    await topics.close()
  }
}

/** Follows the topics: what the projector has applied was published before. */
function follower({ applier, topics }: Run): Reach {
  // Also what whoever had to give way has undone, or not done: the topics give it once.
  let unsure: Envelope[] = []
  return async (_, { within, lasting }) => {
    const take = async (events: readonly Envelope[]) => {
      await applier.apply(within, events)
      if (lasting) unsure = []
    }
    if (unsure.length > 0) await take(unsure)
    await topics.toTheEnd((events) => {
      unsure.push(...events)
      return take(events)
    })
    return []
  }
}

async function leaveAsItIs(building: Building, { read }: Run): Promise<RebuiltFromTopics> {
  await dropShadows(read, building.schema, building.projection)
  await endBuilding(read, building)
  return { events: 0, corrected: 0, behind: 0, kept: 0, gaps: [], blocked: [] }
}
