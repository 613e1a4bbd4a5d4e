import { Transient } from '../shared/kernel/fates.ts'
import { PulsarAdminError } from '../shared/pulsar/admin/errors.ts'
import type { RoleName } from '../shared/runtime/role.ts'
import type { Settings } from '../shared/runtime/settings.ts'
import type { Logger } from '../shared/telemetry/logger.ts'
import { desiredTopology } from '../shared/topology/desired.ts'
import { type Difference, isRefused } from '../shared/topology/difference.ts'
import { applyTopology, checkTopology } from '../shared/topology/topology.ts'
import { openAdmin } from './admin/connection.ts'
import { Exit } from './exit.ts'

/**
 * Resolves when Pulsar has all that these roles need. With `TOPOLOGY=apply` it is given what is
 * missing. Throws `Transient` slug `broker-unavailable` while its admin interface is away, and `Exit`,
 * which says what to do: refused for a topology that is broken, failed where the token may not look.
 * `logger` hears of every change.
 */
export async function readyTopology(
  settings: Settings,
  roles: readonly RoleName[],
  logger?: Pick<Logger, 'info'>,
): Promise<void> {
  const admin = openAdmin(settings)
  const { pulsarTenant: tenant, topicPartitions: partitions, orderFulfilment } = settings
  const desired = desiredTopology({ tenant, partitions, fulfilment: orderFulfilment })
  try {
    if (settings.topology === 'apply') {
      const done = await applyTopology(admin, desired)
      if ('refused' in done) throw broken(done.refused)
      for (const { kind, on, wanted } of done.applied)
        logger?.info({ kind, on, wanted }, 'topology applied')
      return
    }
    const found = await checkTopology(admin, desired, roles)
    if (found.length > 0) throw broken(found)
  } catch (error) {
    throw explained(error)
  }
}

/** One line: what is wrong first, how much more there is, and the command that mends it. */
function broken(differences: readonly Difference[]): Exit {
  const refused = differences.filter(isRefused)
  const [first] = refused.length > 0 ? refused : differences
  const rest = differences.length - 1
  const what = first ? `${first.kind} ${first.on} (${first.is}, wanted ${first.wanted})` : ''
  const more = rest > 0 ? ` and ${rest} more` : ''
  const mending =
    first && 'refused' in first.remedy
      ? `${first.remedy.refused}; ./aero topology plan shows all of it`
      : './aero topology apply mends it'
  return new Exit('refused', `the topology in Pulsar is broken: ${what}${more}: ${mending}`)
}

function explained(error: unknown): unknown {
  if (!(error instanceof PulsarAdminError)) return error
  if (error.retriable) return new Transient('broker-unavailable', error.message, { cause: error })
  return new Exit('failed', `cannot look at the topology in Pulsar: ${error.message}`)
}
