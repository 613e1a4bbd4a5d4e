import type { PulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import { positionWords, type Position } from '../../shared/pulsar/admin/message-id.ts'
import { Exit } from '../exit.ts'
import { existing } from './existing.ts'
import { messageView, peek } from './messages.ts'
import type { Parameter } from './parameter.ts'
import { verb, type Verbs } from './verb.ts'
import { words } from './words.ts'

const { topic, force } = words

/**
 * What can be done to one subscription: the group `topics` names it with an option, as pulsar-admin
 * does, the group `subscriptions` by itself.
 */
export const subscriptionVerbs = (subscription: Parameter<string>) => ({
  ...ofOne(subscription),
  ...movesOf(subscription),
})

const ofOne = (subscription: Parameter<string>) => ({
  create: verb({
    summary: 'create a subscription',
    parameters: { topic, subscription, from: words.from },
    change: (input) =>
      `create subscription ${input.subscription} on ${input.topic} from ${positionWords(input.from)} on`,
    needs: existing.topic,
    call: (admin, input) => admin.subscriptions.create(input.topic, input.subscription, input.from),
  }),
  delete: verb({
    summary: 'delete a subscription',
    parameters: { topic, subscription, force },
    change: (input) => `delete subscription ${input.subscription} of ${input.topic}`,
    needs: existing.subscription,
    call: (admin, input) => admin.subscriptions.delete(input.topic, input.subscription, input),
  }),
  peek: verb({
    summary: 'the next messages that wait, without taking them',
    parameters: { topic, subscription, count: words.count },
    needs: existing.subscription,
    call: (admin, input) => peek(admin, input.topic, input.subscription, input.count),
    show: messageView,
  }),
})

const movesOf = (subscription: Parameter<string>) => ({
  skip: verb({
    summary: 'let a subscription pass over messages',
    parameters: { topic, subscription, count: words.skipped },
    change: (input) =>
      `skip ${input.count} (a batch counts as one) for ${input.subscription} on ${input.topic}`,
    needs: existing.subscription,
    call: (admin, input) => admin.subscriptions.skip(input.topic, input.subscription, input.count),
  }),
  clear: verb({
    summary: 'let a subscription pass over all that waits',
    parameters: { topic, subscription },
    change: (input) => `skip all that waits for ${input.subscription} on ${input.topic}`,
    needs: existing.subscription,
    call: (admin, input) => admin.subscriptions.clearBacklog(input.topic, input.subscription),
  }),
  expire: verb({
    summary: 'let a subscription pass over what is older',
    parameters: { topic, subscription, age: words.age },
    change: (input) =>
      `skip what is older than ${input.age} s for ${input.subscription} on ${input.topic}`,
    needs: existing.subscription,
    call: (admin, input) =>
      admin.subscriptions.expireOlderThan(input.topic, input.subscription, input.age),
  }),
  reset: verb({
    summary: 'let a subscription read on from another place, again or later',
    parameters: { topic, subscription, ago: words.ago, to: words.to },
    check: onePlace,
    change: (input) => `let ${input.subscription} read ${input.topic} on from ${placeWords(input)}`,
    needs: existing.subscription,
    call: resetCursor,
  }),
})

interface Place {
  readonly ago: number | undefined
  readonly to: Position | undefined
}

function onePlace({ ago, to }: Place): void {
  if ((ago === undefined) === (to === undefined))
    throw new Exit('usage', 'one of --time and --messageId, and not both')
}

const placeWords = ({ ago, to = 'latest' }: Place): string =>
  ago === undefined ? positionWords(to) : `${ago} s ago`

function resetCursor(
  admin: PulsarAdmin,
  {
    topic: name,
    subscription,
    ago,
    to = 'latest',
  }: Place & Record<'topic' | 'subscription', string>,
): Promise<void> {
  if (ago === undefined) return admin.subscriptions.resetTo(name, subscription, to)
  return admin.subscriptions.resetToTime(name, subscription, new Date(Date.now() - ago * 1000))
}

const verbs = subscriptionVerbs(words.subscription)

export const topicSubscriptions: Verbs = {
  subscriptions: verb({
    summary: 'names of the subscriptions of a topic',
    parameters: { topic },
    call: (admin, input) => admin.subscriptions.list(input.topic),
  }),
  'create-subscription': verbs.create,
  unsubscribe: verbs.delete,
  'peek-messages': verbs.peek,
  skip: verbs.skip,
  'clear-backlog': verbs.clear,
  'expire-messages': verbs.expire,
  'expire-messages-all-subscriptions': verb({
    summary: 'let every subscription pass over what is older',
    parameters: { topic, age: words.age },
    change: (input) =>
      `skip what is older than ${input.age} s for all subscriptions of ${input.topic}`,
    needs: existing.topic,
    call: (admin, input) => admin.subscriptions.expireAllOlderThan(input.topic, input.age),
  }),
  'reset-cursor': verbs.reset,
}
