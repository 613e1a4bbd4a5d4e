import { Exit } from '../exit.ts'
import { existing } from './existing.ts'
import { verb, type Verbs } from './verb.ts'
import { topicContents } from './topic-contents.verbs.ts'
import { topicPolicies } from './topic-policies.verbs.ts'
import { topicSubscriptions } from './topic-subscriptions.verbs.ts'
import { words } from './words.ts'

const { namespace, topic, partitions, force } = words

export const topics: Verbs = {
  list: verb({
    summary: 'topics of a namespace, single partitions too',
    parameters: { namespace },
    call: (admin, input) => admin.topics.list(input.namespace),
  }),
  'list-partitioned-topics': verb({
    summary: 'partitioned topics of a namespace',
    parameters: { namespace },
    call: (admin, input) => admin.topics.listPartitioned(input.namespace),
  }),
  create: verb({
    summary: 'create a topic without partitions',
    parameters: { topic },
    change: (input) => `create topic ${input.topic}`,
    call: (admin, input) => admin.topics.create(input.topic),
  }),
  'create-partitioned-topic': verb({
    summary: 'create a topic with partitions',
    parameters: { topic, partitions },
    change: (input) => `create topic ${input.topic} with ${input.partitions} partitions`,
    call: (admin, input) => admin.topics.createPartitioned(input.topic, input.partitions),
  }),
  'create-missed-partitions': verb({
    summary: 'create the partitions that are missing',
    parameters: { topic },
    change: (input) => `create the missing partitions of ${input.topic}`,
    needs: existing.topic,
    call: (admin, input) => admin.topics.createMissedPartitions(input.topic),
  }),
  'update-partitioned-topic': verb({
    summary: 'give a topic more partitions; keys move to other ones',
    parameters: { topic, partitions },
    change: (input) =>
      `give ${input.topic} ${input.partitions} partitions, which moves keys to other ones`,
    needs: async (admin, input) => {
      const now = await admin.topics.partitions(input.topic)
      if (now > 0 && input.partitions > now) return
      const has = now === 0 ? 'is not partitioned' : `has ${now} partitions and can only get more`
      throw new Exit('refused', `${input.topic} ${has}`)
    },
    call: (admin, input) => admin.topics.updatePartitions(input.topic, input.partitions),
  }),
  'get-partitioned-topic-metadata': verb({
    summary: 'how many partitions a topic has; 0: it is not partitioned',
    parameters: { topic },
    call: (admin, input) => admin.topics.metadata(input.topic),
  }),
  delete: verb({
    summary: 'delete a topic without partitions',
    parameters: { topic, force },
    change: (input) => `delete topic ${input.topic} with all its messages`,
    needs: existing.topic,
    call: (admin, input) => admin.topics.delete(input.topic, input),
  }),
  'delete-partitioned-topic': verb({
    summary: 'delete a topic and its partitions',
    parameters: { topic, force },
    change: (input) => `delete topic ${input.topic}, its partitions and all their messages`,
    needs: (admin, input) => admin.topics.partitions(input.topic),
    call: (admin, input) => admin.topics.deletePartitioned(input.topic, input),
  }),
  truncate: verb({
    summary: 'acknowledge everything for every subscription, and delete it',
    parameters: { topic },
    change: (input) => `delete all messages of ${input.topic}, read or not`,
    needs: existing.topic,
    call: (admin, input) => admin.topics.truncate(input.topic),
  }),
  lookup: verb({
    summary: 'which broker serves a topic',
    parameters: { topic },
    call: (admin, input) => admin.topics.lookup(input.topic),
  }),
  permissions: verb({
    summary: 'which role may do what',
    parameters: { topic },
    call: (admin, input) => admin.topics.permissions(input.topic),
  }),
  unload: verb({
    summary: 'let the broker give a topic up and take it anew; its clients come back',
    parameters: { topic },
    change: (input) => `unload ${input.topic}`,
    needs: existing.topic,
    call: (admin, input) => admin.topics.unload(input.topic),
  }),
  terminate: verb({
    summary: 'let nothing be published any more; cannot be undone',
    parameters: { topic },
    change: (input) => `end ${input.topic} for ever`,
    needs: existing.topic,
    call: (admin, input) => admin.topics.terminate(input.topic),
  }),
  'partitioned-terminate': verb({
    summary: 'let nothing be published to any partition any more; cannot be undone',
    parameters: { topic },
    change: (input) => `end ${input.topic} and its partitions for ever`,
    needs: existing.topic,
    call: (admin, input) => admin.topics.terminatePartitioned(input.topic),
  }),
  ...topicContents,
  ...topicSubscriptions,
  ...topicPolicies,
}
