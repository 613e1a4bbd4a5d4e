import { PulsarError } from '../errors.ts'

/**
 * The full name of a topic: `t` is `persistent://public/default/t`, `tenant/namespace/t` is
 * `persistent://tenant/namespace/t`. Source: https://pulsar.apache.org/docs/concepts-messaging/
 * @throws PulsarError `invalid-topic-name`
 */
export const fullTopicName = (name: string): string => {
  const [, domain = 'persistent', path = ''] =
    /^(?:(persistent|non-persistent):\/\/)?(.*)$/.exec(name) ?? []
  const parts = path.split('/')
  if (parts.length === 1 && path !== '' && path === name)
    return `persistent://public/default/${path}`
  if (parts.length === 3 && parts.every((part) => part !== '')) return `${domain}://${path}`
  throw new PulsarError(
    'invalid-topic-name',
    `"${name}" is no topic; write topic, tenant/namespace/topic or persistent://tenant/namespace/topic.`,
  )
}

/** The partitioned topic that a partition is of; any other topic as it is. */
export const withoutPartition = (topic: string): string => topic.replace(/-partition-\d+$/, '')

/** The topic that holds partition `index` of a partitioned topic. */
export const partitionName = (topic: string, index: number): string => `${topic}-partition-${index}`
