import type { PulsarAdmin } from '../pulsar/admin/admin.ts'
import type { DesiredNamespace } from './desired.ts'
import { type Difference, existing, unlessThere } from './difference.ts'
import type { Policy, PolicyValue } from './policies.ts'

/** A tenant that is there already stays as it is: who may administer it, and where, is not ours to say. */
export async function tenantDifferences(
  admin: PulsarAdmin,
  tenant: string,
): Promise<readonly Difference[]> {
  if (await existing(admin.tenants.get(tenant))) return []
  const mend = async () => {
    const allowedClusters = await admin.brokers.clusters()
    await unlessThere(admin.tenants.create(tenant, { adminRoles: [], allowedClusters }))
  }
  return [{ kind: 'tenant', on: tenant, is: 'missing', wanted: 'there', remedy: { mend } }]
}

export async function namespaceDifferences(
  admin: PulsarAdmin,
  { name, policies }: DesiredNamespace,
): Promise<readonly Difference[]> {
  const found = await existing(admin.namespaces.policies(name))
  const mend = () => unlessThere(admin.namespaces.create(name))
  const missing: Difference[] = found
    ? []
    : [{ kind: 'namespace', on: name, is: 'missing', wanted: 'there', remedy: { mend } }]
  const policyDifferences = policies.flatMap((policy) => {
    const is = found && policy.read(found)
    return same(is, policy.wanted) ? [] : [policyDifference(name, policy, is)]
  })
  return [...missing, ...policyDifferences]
}

const policyDifference = (
  namespace: string,
  policy: Policy,
  is: PolicyValue | undefined,
): Difference => ({
  kind: 'policy',
  on: namespace,
  is: `${policy.name} ${is === undefined ? 'not set' : words(is)}`,
  wanted: `${policy.name} ${words(policy.wanted)}`,
  remedy: { mend: (admin) => setPolicy(admin, namespace, policy) },
})

// Two who set policies of one namespace at once: Pulsar refuses the slower one, who looks again.
const setPolicy = (admin: PulsarAdmin, namespace: string, policy: Policy) =>
  unlessThere(policy.set(admin, namespace))

function same(one: PolicyValue | undefined, other: PolicyValue): boolean {
  if (typeof one !== 'object' || typeof other !== 'object') return one === other
  return Object.entries(other).every(([part, value]) => same(one[part], value))
}

const words = (value: PolicyValue): string =>
  typeof value === 'object'
    ? Object.entries(value)
        .map(([part, inner]) => `${part}=${words(inner)}`)
        .join(' ')
    : String(value)
