import type { PulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import { Exit } from '../exit.ts'

// What has to be there before it is changed; each throws `PulsarAdminError` or `Exit` when it is not.

export const existing = {
  tenant: (admin: PulsarAdmin, { tenant }: { readonly tenant: string }) =>
    admin.tenants.get(tenant),

  namespace: (admin: PulsarAdmin, { namespace }: { readonly namespace: string }) =>
    admin.namespaces.policies(namespace),

  // Pulsar knows the partitions of a single partition as little as those of a topic that is not there.
  topic: (admin: PulsarAdmin, { topic }: { readonly topic: string }) =>
    admin.subscriptions.list(topic),

  subscription: async (
    admin: PulsarAdmin,
    { topic, subscription }: { readonly topic: string; readonly subscription: string },
  ) => {
    const names = await admin.subscriptions.list(topic)
    if (names.includes(subscription)) return
    const there = names.length === 0 ? 'it has none' : `it has: ${names.toSorted().join(', ')}`
    throw new Exit('notFound', `${topic} has no subscription ${subscription}; ${there}`)
  },
}
