import type { PulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import { existing } from './existing.ts'
import { verb, type Verbs } from './verb.ts'
import { words } from './words.ts'

const { tenant, roles, clusters, force } = words

const everywhere = (admin: PulsarAdmin) => admin.brokers.clusters()

export const tenants: Verbs = {
  list: verb({
    summary: 'names of all tenants',
    parameters: {},
    call: (admin) => admin.tenants.list(),
  }),
  get: verb({
    summary: 'who administers a tenant, and where it may be',
    parameters: { tenant },
    call: (admin, input) => admin.tenants.get(input.tenant),
  }),
  create: verb({
    summary: 'create a tenant; on all clusters unless some are named',
    parameters: { tenant, roles, clusters },
    change: (input) => `create tenant ${input.tenant}`,
    call: async (admin, input) =>
      admin.tenants.create(input.tenant, {
        adminRoles: input.roles ?? [],
        allowedClusters: input.clusters ?? (await everywhere(admin)),
      }),
  }),
  update: verb({
    summary: 'change who administers a tenant, or where it may be; what is not given stays',
    parameters: { tenant, roles, clusters },
    change: (input) => `update tenant ${input.tenant}`,
    needs: existing.tenant,
    call: async (admin, input) => {
      const now = await admin.tenants.get(input.tenant)
      await admin.tenants.update(input.tenant, {
        adminRoles: input.roles ?? now.adminRoles,
        allowedClusters: input.clusters ?? now.allowedClusters,
      })
    },
  }),
  delete: verb({
    summary: 'delete a tenant',
    parameters: { tenant, force },
    change: (input) =>
      `delete tenant ${input.tenant}${input.force ? ' with its namespaces and their topics' : ''}`,
    needs: existing.tenant,
    call: (admin, input) => admin.tenants.delete(input.tenant, input),
  }),
}
