import type { Permission } from '../../shared/pulsar/admin/namespaces.ts'
import { existing } from './existing.ts'
import { namespacePolicies } from './namespace-policies.verbs.ts'
import { listOf, needed, oneOf, optional } from './parameter.ts'
import { name, whole } from './values.ts'
import { verb, type Verbs } from './verb.ts'
import { words } from './words.ts'

const { tenant, namespace, force } = words
const subscription = optional('-s, --sub <name>', 'only this subscription', name)
const role = needed('--role <role>', 'whose permission', name)
const permissions: readonly Permission[] = [
  'produce',
  'consume',
  'functions',
  'sources',
  'sinks',
  'packages',
]

export const namespaces: Verbs = {
  list: verb({
    summary: 'namespaces of a tenant',
    parameters: { tenant },
    call: (admin, input) => admin.namespaces.list(input.tenant),
  }),
  topics: verb({
    summary: 'topics of a namespace, single partitions too',
    parameters: { namespace },
    call: (admin, input) => admin.namespaces.topics(input.namespace),
  }),
  bundles: verb({
    summary: 'how a namespace is divided among brokers',
    parameters: { namespace },
    call: (admin, input) => admin.namespaces.policy(input.namespace, 'bundles'),
  }),
  policies: verb({
    summary: 'all policies of a namespace',
    parameters: { namespace },
    call: (admin, input) => admin.namespaces.policies(input.namespace),
  }),
  create: verb({
    summary: 'create a namespace',
    parameters: {
      namespace,
      bundles: optional('-b, --bundles <number>', 'in how many parts brokers share it', whole(1)),
    },
    change: (input) => `create namespace ${input.namespace}`,
    call: (admin, { bundles, ...input }) =>
      admin.namespaces.create(input.namespace, bundles === undefined ? {} : { bundles }),
  }),
  delete: verb({
    summary: 'delete a namespace',
    parameters: { namespace, force },
    change: (input) =>
      `delete namespace ${input.namespace}${input.force ? ' with its topics and all messages' : ''}`,
    needs: existing.namespace,
    call: (admin, input) => admin.namespaces.delete(input.namespace, input),
  }),
  permissions: verb({
    summary: 'which role may do what',
    parameters: { namespace },
    call: (admin, input) => admin.namespaces.policy(input.namespace, 'permissions'),
  }),
  'grant-permission': verb({
    summary: 'let a role produce, consume and so on',
    parameters: {
      namespace,
      role,
      actions: needed('--actions <actions>', permissions.join(','), listOf(oneOf(...permissions))),
    },
    change: (input) => `let ${input.role} ${input.actions.join(', ')} in ${input.namespace}`,
    needs: existing.namespace,
    call: (admin, input) =>
      admin.namespaces.grantPermission(input.namespace, input.role, input.actions),
  }),
  'revoke-permission': verb({
    summary: 'take from a role all it was granted',
    parameters: { namespace, role },
    change: (input) => `take all permissions from ${input.role} in ${input.namespace}`,
    needs: existing.namespace,
    call: (admin, input) => admin.namespaces.revokePermission(input.namespace, input.role),
  }),
  unload: verb({
    summary: 'let brokers give a namespace up and take it anew; its clients come back',
    parameters: { namespace },
    change: (input) => `unload namespace ${input.namespace}`,
    needs: existing.namespace,
    call: (admin, input) => admin.namespaces.unload(input.namespace),
  }),
  'clear-backlog': verb({
    summary: 'skip all that waits in a namespace, for one subscription or for all',
    parameters: { namespace, subscription },
    change: (input) =>
      `skip all that waits for ${input.subscription ?? 'every subscription'} in ${input.namespace}`,
    needs: existing.namespace,
    call: (admin, input) => admin.namespaces.clearBacklog(input.namespace, input.subscription),
  }),
  unsubscribe: verb({
    summary: 'delete a subscription from every topic of a namespace',
    parameters: {
      namespace,
      subscription: needed('-s, --sub <name>', 'name of the subscription', name),
    },
    change: (input) => `delete subscription ${input.subscription} in all of ${input.namespace}`,
    needs: existing.namespace,
    call: (admin, input) => admin.namespaces.unsubscribe(input.namespace, input.subscription),
  }),
  ...namespacePolicies,
}
