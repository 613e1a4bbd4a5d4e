import type { PulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import { existing } from '../../shared/topology/difference.ts'

/** A tenant that no other test uses; whoever gives something to it deletes it. */
export const ownTenant = (): string => `t-${crypto.randomUUID()}`

/** With all that is in it; one that is not there is fine. */
export async function deleteTenant(admin: PulsarAdmin, tenant: string): Promise<void> {
  await existing(admin.tenants.delete(tenant, { force: true }))
}
