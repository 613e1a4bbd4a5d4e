import type { PolicyName, RemovablePolicy } from '../../shared/pulsar/admin/namespace-policies.ts'
import type {
  AutoTopicCreation,
  SchemaCompatibilityStrategy,
} from '../../shared/pulsar/admin/namespaces.ts'
import { existing } from './existing.ts'
import { needed, oneOf, withDefault } from './parameter.ts'
import {
  onOrOff,
  quotaOf,
  quotaType,
  quotaWords,
  retentionOf,
  retentionWords,
} from './policy-values.ts'
import { duration, size, whole } from './values.ts'
import { verb, type Verb, type Verbs } from './verb.ts'
import { words } from './words.ts'

const { namespace } = words

const get = (what: string, policy: PolicyName): Verb =>
  verb({
    summary: `${what}, as the namespace has it`,
    parameters: { namespace },
    call: (admin, input) => admin.namespaces.policy(input.namespace, policy),
  })

const remove = (what: string, policy: RemovablePolicy): Verb =>
  verb({
    summary: `leave the ${what} of a namespace to the broker`,
    parameters: { namespace },
    change: (input) => `leave the ${what} of ${input.namespace} to the broker`,
    needs: existing.namespace,
    call: (admin, input) => admin.namespaces.removePolicy(input.namespace, policy),
  })

const strategies: readonly SchemaCompatibilityStrategy[] = [
  'UNDEFINED',
  'ALWAYS_INCOMPATIBLE',
  'ALWAYS_COMPATIBLE',
  'BACKWARD',
  'FORWARD',
  'FULL',
  'BACKWARD_TRANSITIVE',
  'FORWARD_TRANSITIVE',
  'FULL_TRANSITIVE',
]

export const namespacePolicies: Verbs = {
  'get-retention': get('how much is kept of what was acknowledged', 'retention'),
  'set-retention': verb({
    summary: 'how much is kept of what every subscription has acknowledged',
    parameters: { namespace, ...retentionWords },
    check: (input) => void retentionOf(input),
    change: (input) => {
      const { retentionTimeInMinutes: minutes, retentionSizeInMB: megabytes } = retentionOf(input)
      return `set the retention of ${input.namespace} to ${minutes} minutes and ${megabytes} MB`
    },
    needs: existing.namespace,
    call: (admin, input) => admin.namespaces.setRetention(input.namespace, retentionOf(input)),
  }),
  'remove-retention': remove('retention', 'retention'),

  'get-backlog-quotas': get('limits of what waits', 'backlogQuotaMap'),
  'set-backlog-quota': verb({
    summary: 'how much may wait in a topic, and what happens then',
    parameters: { namespace, ...quotaWords },
    check: (input) => void quotaOf(input),
    change: (input) => `limit what waits in ${input.namespace} (${input.type}, ${input.policy})`,
    needs: existing.namespace,
    call: (admin, input) =>
      admin.namespaces.setBacklogQuota(input.namespace, input.type, quotaOf(input)),
  }),
  'remove-backlog-quota': verb({
    summary: 'leave a limit of what waits to the broker',
    parameters: { namespace, type: quotaType },
    change: (input) => `leave the backlog quota ${input.type} of ${input.namespace} to the broker`,
    needs: existing.namespace,
    call: (admin, input) => admin.namespaces.removeBacklogQuota(input.namespace, input.type),
  }),

  'get-message-ttl': get('after how many seconds messages expire', 'messageTTL'),
  'set-message-ttl': verb({
    summary: 'after what time messages that nobody acknowledged count as acknowledged',
    parameters: {
      namespace,
      ttl: needed('--messageTTL <time>', '120, 100m, 3h; 0 never', duration, '-ttl'),
    },
    change: (input) => `let messages in ${input.namespace} expire after ${input.ttl} s`,
    needs: existing.namespace,
    call: (admin, input) => admin.namespaces.setMessageTtl(input.namespace, input.ttl),
  }),
  'remove-message-ttl': remove('time to live', 'messageTTL'),

  'get-deduplication': get('whether what is sent twice is stored once', 'deduplication'),
  'set-deduplication': verb({
    summary: 'whether what a producer sends twice is stored once',
    parameters: { namespace, ...onOrOff.parameters },
    check: (input) => void onOrOff.value(input),
    change: (input) => `set deduplication of ${input.namespace} ${onOrOff.word(input)}`,
    needs: existing.namespace,
    call: (admin, input) =>
      admin.namespaces.setDeduplication(input.namespace, onOrOff.value(input)),
  }),
  'remove-deduplication': remove('deduplication', 'deduplication'),

  'get-schema-compatibility-strategy': get(
    'which new schemas are taken',
    'schemaCompatibilityStrategy',
  ),
  'set-schema-compatibility-strategy': verb({
    summary: 'which new schemas are taken',
    parameters: {
      namespace,
      strategy: needed(
        '-c, --compatibility <strategy>',
        strategies.join(', '),
        oneOf(...strategies),
      ),
    },
    change: (input) => `set schema compatibility of ${input.namespace} to ${input.strategy}`,
    needs: existing.namespace,
    call: (admin, input) =>
      admin.namespaces.setSchemaCompatibilityStrategy(input.namespace, input.strategy),
  }),
  'get-schema-validation-enforce': get(
    'whether producers need a schema',
    'schemaValidationEnforced',
  ),
  'set-schema-validation-enforce': verb({
    summary: 'whether producers of topics with a schema need one',
    parameters: { namespace, ...onOrOff.parameters },
    check: (input) => void onOrOff.value(input),
    change: (input) => `set schema validation of ${input.namespace} ${onOrOff.word(input)}`,
    needs: existing.namespace,
    call: (admin, input) =>
      admin.namespaces.setSchemaValidationEnforced(input.namespace, onOrOff.value(input)),
  }),

  'get-auto-topic-creation': get('whether clients create topics', 'autoTopicCreation'),
  'set-auto-topic-creation': verb({
    summary: 'whether clients create the topics they ask for',
    parameters: {
      namespace,
      ...onOrOff.parameters,
      type: withDefault<'partitioned' | 'non-partitioned'>(
        '-t, --type <type>',
        'partitioned or non-partitioned',
        oneOf('partitioned', 'non-partitioned'),
        'non-partitioned',
      ),
      partitions: withDefault('-n, --num-partitions <number>', 'of partitioned ones', whole(1), 1),
    },
    check: (input) => void onOrOff.value(input),
    change: (input) =>
      `set creation of topics by clients in ${input.namespace} ${onOrOff.word(input)}`,
    needs: existing.namespace,
    call: (admin, { type, partitions, ...input }) => {
      const creation: AutoTopicCreation = !onOrOff.value(input)
        ? { allowAutoTopicCreation: false }
        : type === 'non-partitioned'
          ? { allowAutoTopicCreation: true, topicType: type }
          : {
              allowAutoTopicCreation: true,
              topicType: type,
              defaultNumPartitions: partitions,
            }
      return admin.namespaces.setAutoTopicCreation(input.namespace, creation)
    },
  }),
  'remove-auto-topic-creation': remove('creation of topics by clients', 'autoTopicCreation'),

  'get-compaction-threshold': get(
    'from how many bytes on topics are compacted',
    'compactionThreshold',
  ),
  'set-compaction-threshold': verb({
    summary: 'from what size on topics are compacted by themselves',
    parameters: { namespace, threshold: needed('-t, --threshold <size>', '10M; 0 never', size) },
    change: (input) => `compact topics in ${input.namespace} from ${input.threshold} bytes on`,
    needs: existing.namespace,
    call: (admin, input) =>
      admin.namespaces.setCompactionThreshold(input.namespace, input.threshold),
  }),
  'remove-compaction-threshold': remove('compaction threshold', 'compactionThreshold'),
}
