import { flag, needed, optional, withDefault } from './parameter.ts'
import { duration, instant, name, namespaceName, position, topicName, whole } from './values.ts'

/** Parameters that several commands have in common. */
export const words = {
  tenant: needed('<tenant>', 'name of a tenant', name),
  namespace: needed('<namespace>', 'tenant/namespace', namespaceName),
  topic: needed('<topic>', 'persistent://tenant/namespace/topic', topicName),
  subscription: needed('-s, --subscription <name>', 'name of a subscription', name),
  partitions: needed('-p, --partitions <number>', 'how many partitions', whole(1)),
  force: flag('-f, --force', 'also what is in use, and what is in it'),
  roles: optional('-r, --admin-roles <roles>', 'who may administer it, comma separated', (text) =>
    text.split(',').map(name),
  ),
  clusters: optional(
    '-c, --allowed-clusters <clusters>',
    'where it may be, comma separated',
    (text) => text.split(',').map(name),
  ),
  count: withDefault('-n, --count <messages>', 'how many messages', whole(1, 1000), 1),
  skipped: needed('-n, --count <messages>', 'how many; a batch counts as one', whole(1)),
  from: withDefault(
    '-m, --messageId <id>',
    'where it begins: earliest, latest or ledger:entry',
    position,
    'latest' as const,
  ),
  to: optional('-m, --messageId <id>', 'earliest, latest or ledger:entry', position),
  ago: optional('-t, --time <time>', 'how long ago: 90s, 10m, 3h, 2d', duration),
  age: needed('-t, --expireTime <time>', 'those older than this: 90s, 10m, 3h, 2d', duration),
  at: needed('-d, --datetime <time>', 'such as 2026-06-28T16:53:08Z', instant),
}
