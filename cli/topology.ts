import type { PulsarAdmin } from '../shared/pulsar/admin/admin.ts'
import type { Settings } from '../shared/runtime/settings.ts'
import { type DesiredTopology, desiredTopology } from '../shared/topology/desired.ts'
import { type Difference, isRefused } from '../shared/topology/difference.ts'
import { applyTopology, planTopology } from '../shared/topology/topology.ts'
import { openAdmin } from './admin/connection.ts'
import { refusalOf } from './admin/refusals.ts'
import { type Ask, type ChangeOptions, confirmed } from './confirm.ts'
import { Exit } from './exit.ts'
import type { ListingFormat } from './listing-formats.ts'
import { listing } from './listing.ts'

export interface Operation {
  readonly settings: Settings
  readonly print: (text: string) => void
}

/** Prints what `applyTopology` would do. Throws `Exit`. */
export async function printPlan(operation: Operation, output: ListingFormat): Promise<void> {
  if (isEmbedded(operation, output)) return
  await onPulsar(operation.settings, async (admin, desired) => {
    operation.print(planListing(await planTopology(admin, desired), output))
  })
}

/** Prints the differences, asks, and ends them. Throws `Exit`: refused when one is not ours to end. */
export async function applyHere(
  operation: Operation & { readonly ask: Ask },
  { output, ...options }: ChangeOptions & { readonly output: ListingFormat },
): Promise<void> {
  if (isEmbedded(operation, output)) return
  await onPulsar(operation.settings, async (admin, desired) => {
    const found = await planTopology(admin, desired)
    operation.print(planListing(found, output))
    refuse(found)
    if (found.length === 0 || options.dryRun) return
    await confirmed(`change ${counted(found.length)} in Pulsar`, options, operation.ask)
    const done = await applyTopology(admin, desired)
    if ('refused' in done) refuse(done.refused)
    else if (output === 'table') operation.print(`done: changed ${counted(done.applied.length)}`)
  })
}

/** What a topology differs in, for people and for programs. */
function planListing(differences: readonly Difference[], output: ListingFormat): string {
  if (differences.length === 0 && output === 'table') return 'no difference'
  const rows = differences.map(({ kind, on, is, wanted, remedy }) => ({
    kind,
    on,
    is,
    wanted,
    apply: 'refused' in remedy ? `refused: ${remedy.refused}` : 'changes it',
  }))
  return listing(rows, output)
}

function refuse(differences: readonly Difference[]): void {
  const refused = differences.filter(isRefused)
  if (refused.length === 0) return
  const words = refused.map(({ on, is, wanted, remedy }) => {
    const why = 'refused' in remedy ? remedy.refused : ''
    return `${on}: ${is}, wanted ${wanted}: ${why}`
  })
  throw new Exit('refused', `nothing was changed: ${words.join('\n')}`)
}

// A listing for programs is a listing even where there is nothing to list.
function isEmbedded({ settings, print }: Operation, output: ListingFormat): boolean {
  const { pulsarUrl, pulsarAdminUrl } = settings
  if (pulsarUrl !== undefined || pulsarAdminUrl !== undefined) return false
  const words = 'PULSAR_URL is not set: the embedded broker creates what is missing by itself'
  print(output === 'table' ? words : listing([], output))
  return true
}

/** The topology of these settings, and its Pulsar. Throws `Exit` for what Pulsar does not allow. */
export async function onPulsar<Result>(
  settings: Settings,
  work: (admin: PulsarAdmin, desired: DesiredTopology) => Promise<Result>,
): Promise<Result> {
  const admin = openAdmin(settings)
  const { pulsarTenant: tenant, topicPartitions: partitions, orderFulfilment } = settings
  try {
    return await work(admin, desiredTopology({ tenant, partitions, fulfilment: orderFulfilment }))
  } catch (error) {
    throw await refusalOf(error, admin, {}, settings)
  }
}

const counted = (differences: number) =>
  differences === 1 ? '1 difference' : `${differences} differences`
