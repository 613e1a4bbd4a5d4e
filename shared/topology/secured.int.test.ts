import { expect, test } from 'bun:test'
import { afterPulsar, beforePulsar, needsOwnPulsar } from '../../tests/support/needs-pulsar.ts'
import { deleteTenant, ownTenant } from '../../tests/support/own-tenant.ts'
import { securedPulsar } from '../../tests/support/pulsar.ts'
import { kindOf } from '../../tests/support/pulsar-admin.ts'
import { type PulsarAdmin, pulsarAdmin } from '../pulsar/admin/admin.ts'
import { roleNames } from '../runtime/role.ts'
import { desiredTopology } from './desired.ts'
import { applyTopology, checkTopology, planTopology } from './topology.ts'

needsOwnPulsar('the topology on a secured Pulsar', () => {
  const tenant = ownTenant()
  const desired = desiredTopology({ tenant, partitions: 1 })
  let admin: PulsarAdmin
  let worker: PulsarAdmin

  beforePulsar(async () => {
    const { plainAdminUrl: url, adminToken, token } = await securedPulsar()
    admin = pulsarAdmin({ url, token: adminToken })
    worker = pulsarAdmin({ url, token: token('worker') })
    await applyTopology(admin, desired)
  }, true)
  afterPulsar(() => deleteTenant(admin, tenant), true)

  test('who may produce and consume may look whether all is there, and change nothing', async () => {
    expect(await kindOf(checkTopology(worker, desired, roleNames))).toBe('unauthorised')
    for (const { name } of desired.namespaces) {
      await admin.namespaces.grantPermission(name, 'worker', ['produce', 'consume'])
    }
    expect(await checkTopology(worker, desired, roleNames)).toEqual([])
    expect(await kindOf(planTopology(worker, desired))).toBe('unauthorised')
  })

  test('who administers the tenant may plan and apply', async () => {
    await admin.tenants.update(tenant, { adminRoles: ['worker'], allowedClusters: ['standalone'] })
    await admin.namespaces.setDeduplication(`${tenant}/events`, true)
    expect(await planTopology(worker, desired)).toHaveLength(1)
    expect(await applyTopology(worker, desired)).toHaveProperty('applied')
    expect(await planTopology(worker, desired)).toEqual([])
  })
})
