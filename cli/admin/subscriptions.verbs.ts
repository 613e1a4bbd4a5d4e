import type { PulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import { existing } from './existing.ts'
import { partitionsOf } from './messages.ts'
import { needed } from './parameter.ts'
import { subscriptionView } from './stats-view.ts'
import { subscriptionVerbs } from './topic-subscriptions.verbs.ts'
import { name } from './values.ts'
import { verb, type Verbs } from './verb.ts'
import { words } from './words.ts'

const { topic } = words
const subscription = needed('<subscription>', 'name of a subscription', name)
const verbs = subscriptionVerbs(subscription)

/** What `topics` does to subscriptions, with the subscription named by itself. */
export const subscriptions: Verbs = {
  list: verb({
    summary: 'names of the subscriptions of a topic',
    parameters: { topic },
    call: (admin, input) => admin.subscriptions.list(input.topic),
  }),
  stats: verb({
    summary: 'what waits for a subscription, and who reads it',
    parameters: { topic, subscription },
    needs: existing.subscription,
    call: async (admin, input) => ({
      subscription: input.subscription,
      ...(await statsOf(admin, input.topic, input.subscription)),
    }),
    show: subscriptionView,
  }),
  create: verbs.create,
  delete: verbs.delete,
  'peek-messages': verbs.peek,
  skip: verbs.skip,
  'clear-backlog': verbs.clear,
  'expire-messages': verbs.expire,
  'reset-cursor': verbs.reset,
}

async function statsOf(admin: PulsarAdmin, topicName: string, subscriptionName: string) {
  const parts = await partitionsOf(admin, topicName)
  const { subscriptions: all } = await (parts.length === 0
    ? admin.topics.stats(topicName)
    : admin.topics.partitionedStats(topicName, { perPartition: false }))
  const stats = all[subscriptionName]
  if (stats) return stats
  // Deleted since it was looked for.
  throw new Error(`${topicName} says nothing about subscription ${subscriptionName}; ask again`)
}
