import { existing } from './existing.ts'
import { quotaOf, quotaType, quotaWords, retentionOf, retentionWords } from './policy-values.ts'
import { verb, type Verbs } from './verb.ts'
import { words } from './words.ts'

const { topic } = words

/** Policies that win over those of the namespace; Pulsar takes a moment to put them in force. */
export const topicPolicies: Verbs = {
  'get-retention': verb({
    summary: 'how much is kept of what was acknowledged, where the topic has its own',
    parameters: { topic },
    call: (admin, input) => admin.topics.policy(input.topic, 'retention'),
  }),
  'set-retention': verb({
    summary: 'how much this topic keeps of what every subscription has acknowledged',
    parameters: { topic, ...retentionWords },
    check: (input) => void retentionOf(input),
    change: (input) => {
      const { retentionTimeInMinutes: minutes, retentionSizeInMB: megabytes } = retentionOf(input)
      return `set the retention of ${input.topic} to ${minutes} minutes and ${megabytes} MB`
    },
    needs: existing.topic,
    call: (admin, input) => admin.topics.setRetention(input.topic, retentionOf(input)),
  }),
  'remove-retention': verb({
    summary: 'leave the retention of a topic to its namespace',
    parameters: { topic },
    change: (input) => `leave the retention of ${input.topic} to its namespace`,
    needs: existing.topic,
    call: (admin, input) => admin.topics.removeRetention(input.topic),
  }),
  'get-backlog-quotas': verb({
    summary: 'limits of what waits, where the topic has its own',
    parameters: { topic },
    call: (admin, input) => admin.topics.policy(input.topic, 'backlogQuotaMap'),
  }),
  'set-backlog-quota': verb({
    summary: 'how much may wait in this topic, and what happens then',
    parameters: { topic, ...quotaWords },
    check: (input) => void quotaOf(input),
    change: (input) => `limit what waits in ${input.topic} (${input.type}, ${input.policy})`,
    needs: existing.topic,
    call: (admin, input) => admin.topics.setBacklogQuota(input.topic, input.type, quotaOf(input)),
  }),
  'remove-backlog-quota': verb({
    summary: 'leave a limit of what waits to the namespace',
    parameters: { topic, type: quotaType },
    change: (input) => `leave the backlog quota ${input.type} of ${input.topic} to its namespace`,
    needs: existing.topic,
    call: (admin, input) => admin.topics.removeBacklogQuota(input.topic, input.type),
  }),
}
