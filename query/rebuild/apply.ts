import { blame, blamed, describeFailure } from '../../shared/delivery/failures.ts'
import { Poison } from '../../shared/kernel/fates.ts'
import { databaseTrouble } from '../../shared/postgres/errors.ts'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import type { Transaction } from '../../shared/postgres/database.ts'
import { batchProjector } from '../projection/project-batch.ts'
import type { Projection } from '../projection/projections.ts'
import type { StreamEvent } from '../projection/view.ts'
import type { BesideSchema } from './names.ts'
import { RebuildRefused } from './refused.ts'

/** Runs `work` so that it is undone when it throws. */
type Within = (work: (tx: Transaction) => Promise<void>) => Promise<void>

/**
 * An event that no view can take, or before which one is missing. Its aggregate stays where it was
 * before, as in the live tables.
 */
export interface Blocked {
  /** Of the aggregate after it. */
  readonly version: number
  readonly event: string
  readonly reason: string
}

export interface Applier {
  /** By `aggregateKey`: an order and its payment have one id. */
  readonly blocked: ReadonlyMap<string, Blocked>
  /** Projects events; `along` is done in the same transaction. */
  apply(
    within: Within,
    envelopes: readonly Envelope[],
    along?: (tx: Transaction) => Promise<void>,
  ): Promise<void>
}

/**
 * Applies events to the tables beside the live ones, by the projector's own rules. `seeEarly` is given
 * those of aggregates in which one is missing before them; what it throws is undone as any error is.
 */
export function applier(
  schema: BesideSchema,
  { streams }: Projection,
  seeEarly: (early: readonly StreamEvent[]) => void = refuseHoles,
): Applier {
  const projector = batchProjector(streams, schema)
  const project = async (tx: Transaction, envelopes: readonly Envelope[]) => {
    if (envelopes.length > 0) seeEarly((await projector.project(tx, envelopes)).early)
  }
  const blocked = new Map<string, Blocked>()
  return {
    blocked,
    async apply(within, envelopes, along = async () => {}) {
      for (;;) {
        const sound = envelopes.filter((envelope) => {
          const first = blocked.get(keyOf(envelope))
          return first === undefined || (envelope.sequence ?? 0) < first.version
        })
        const error = await tried(within, async (tx) => {
          await along(tx)
          await project(tx, sound)
        })
        if (error === undefined) return
        const culprit = sound.find(({ id }) => id === blamed(error))
        if (!culprit || databaseTrouble(error) !== 'other') throw error
        blocked.set(keyOf(culprit), {
          event: culprit.id,
          version: culprit.sequence ?? 0,
          reason: describeFailure(error).detail,
        })
        if (blocked.size === mostBlocked) throw tooManyBlocked(blocked, { cause: error })
      }
    },
  }
}

// Each costs a page that is begun anew. So many are no accident: with another key it is all users.
const mostBlocked = 500

const tooManyBlocked = (blocked: ReadonlyMap<string, Blocked>, options: ErrorOptions) => {
  const reasons = [...new Set([...blocked.values()].map(({ reason }) => reason))].slice(0, 5)
  return new RebuildRefused(
    `no view can take events of ${blocked.size} aggregates: ${reasons.join('; ')}`,
    options,
  )
}

export const aggregateKey = (module: string, id: string): string => `/aeroalpes/${module} ${id}`

const keyOf = ({ source, subject }: Envelope) => `${source} ${subject}`

const tried = (within: Within, work: Parameters<Within>[0]): Promise<unknown> =>
  within(work).then(
    () => undefined,
    (error: unknown) => error,
  )

/** Events come in the order of the log: one that is too early has another missing before it, for good. */
function refuseHoles(early: readonly StreamEvent[]): void {
  const [first] = early
  if (!first) return
  const torn = early.filter(
    ({ module, subject }) => module === first.module && subject === first.subject,
  )
  const after =
    torn.find(({ sequence }, at) => at > 0 && sequence - 1 !== torn[at - 1]?.sequence) ?? first
  throw blame(new Poison('missing-event', `event ${after.sequence - 1} is missing`), after.id)
}
