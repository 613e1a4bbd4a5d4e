import type { PulsarAdmin } from '../pulsar/admin/admin.ts'
import type { RoleName } from '../runtime/role.ts'
import type { DesiredTopology } from './desired.ts'
import { type Difference, type DifferenceKind, isKind, isRefused } from './difference.ts'
import { namespaceDifferences, tenantDifferences } from './plan-namespaces.ts'
import { schemaDifferences } from './plan-schemas.ts'
import { partitionCountDifferences, topicDifferences } from './plan-topics.ts'
import { topicsOfRoles } from './role-topics.ts'

/**
 * All that is not as desired, in the order in which it is mended; empty when nothing is. Changes
 * nothing. Throws `PulsarAdminError`.
 */
export async function planTopology(
  admin: PulsarAdmin,
  desired: DesiredTopology,
): Promise<readonly Difference[]> {
  const found = await Promise.all([
    tenantDifferences(admin, desired.tenant),
    ...desired.namespaces.map((namespace) => namespaceDifferences(admin, namespace)),
    ...desired.topics.map((topic) => topicDifferences(admin, topic)),
    ...desired.topics.map((topic) => schemaDifferences(admin, topic)),
  ])
  return found.flat()
}

/** Nothing was changed: some of it is for people to decide. */
export interface Refusal {
  readonly refused: readonly Difference[]
}

/** What was changed; empty when there was nothing to do. */
export interface Applied {
  readonly applied: readonly Difference[]
}

const mostRounds = 8

/**
 * Makes everything as desired, or nothing when `planTopology` finds something refused. Safe to run in
 * many processes at once, and again after a crash: each looks again at what it has done, and goes on
 * until nothing differs. Nothing that is there is deleted. Throws `PulsarAdminError`, and an `Error`
 * that names what still differs when somebody else keeps changing it.
 */
export async function applyTopology(
  admin: PulsarAdmin,
  desired: DesiredTopology,
): Promise<Applied | Refusal> {
  let applied: readonly Difference[] = []
  for (let round = 0; ; round += 1) {
    const differences = await planTopology(admin, desired)
    if (differences.length === 0) return { applied }
    const refused = differences.filter(isRefused)
    if (refused.length > 0) return { refused }
    if (round === 0) applied = differences
    const [lost] = await mendAll(admin, differences)
    if (round < mostRounds) continue
    throw lost ?? new Error(`somebody keeps changing ${differences.map(({ on }) => on).join(', ')}`)
  }
}

/**
 * What comes later needs what came before; policies of one namespace are one document. Answers the
 * errors that somebody who does the same at the same time may have caused: the next look tells.
 */
async function mendAll(
  admin: PulsarAdmin,
  differences: readonly Difference[],
): Promise<readonly unknown[]> {
  const lost: unknown[] = []
  for (const kinds of phases) {
    const some = differences.filter(({ kind }) => kinds.includes(kind))
    const groups = [...Map.groupBy(some, ({ on }) => on).values()]
    const mended = await Promise.allSettled(groups.map((group) => mendInOrder(admin, group)))
    const errors = mended.flatMap((one): unknown[] =>
      one.status === 'rejected' ? [one.reason] : [],
    )
    for (const error of errors) if (!isRace(error)) throw error
    lost.push(...errors)
  }
  return lost
}

// Pulsar answers 500 where two create the same tenant within a moment.
const isRace = (error: unknown) => isKind(error, 'conflict') || isKind(error, 'unreachable')

const phases: readonly (readonly DifferenceKind[])[] = [
  ['tenant'],
  ['namespace', 'policy'],
  ['topic', 'partitions', 'subscription'],
  ['schema'],
]

async function mendInOrder(admin: PulsarAdmin, differences: readonly Difference[]): Promise<void> {
  for (const { remedy } of differences) if ('mend' in remedy) await remedy.mend(admin)
}

/**
 * What keeps these roles from working, and no more: topics they publish to or read, subscriptions,
 * and that the broker knows the schemas they publish with. A few calls, all at once; needs no more
 * rights than to produce and to consume. Throws `PulsarAdminError`.
 */
export async function checkTopology(
  admin: PulsarAdmin,
  desired: DesiredTopology,
  roles: readonly RoleName[],
): Promise<readonly Difference[]> {
  const found = await Promise.all(
    topicsOfRoles(desired, roles).flatMap(({ topic, isRead, isPublished }) => [
      (isRead ? topicDifferences : partitionCountDifferences)(admin, topic),
      isPublished ? schemaDifferences(admin, topic) : [],
    ]),
  )
  return found.flat()
}
