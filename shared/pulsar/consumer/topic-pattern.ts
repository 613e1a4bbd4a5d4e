import { PulsarError } from '../errors.ts'
import type { ConnectionPool } from '../lookup/connection-pool.ts'
import { type TopicPart, topicsOf } from '../lookup/topic-lookup.ts'
import { withoutPartition } from '../lookup/topic-name.ts'
import type { ConsumerOptions } from './options.ts'

type Mode = NonNullable<ConsumerOptions['regexSubscriptionMode']>

/** Numbers of `Mode` in CommandGetTopicsOfNamespace of PulsarApi.proto. */
const modes: Readonly<Record<Mode, number>> = {
  PersistentOnly: 0,
  NonPersistentOnly: 1,
  AllTopics: 2,
}

/** Topics of one namespace by their names. */
export interface TopicPattern {
  /** `tenant/namespace`. */
  readonly namespace: string
  readonly mode: Mode
  fits(topic: string): boolean
}

/**
 * Reads `[persistent://]tenant/namespace/<regular expression>`; the rest of the name has to fit as a
 * whole, whatever the domain.
 * @throws PulsarError `invalid-argument` when tenant and namespace are not named
 */
export const topicPattern = (pattern: RegExp | string, mode: Mode = 'PersistentOnly') => {
  const { source, flags } = typeof pattern === 'string' ? { source: pattern, flags: '' } : pattern
  const plain = source.replaceAll('\\/', '/').replace(/^\^/, '')
  const [, namespace, name] =
    /^(?:(?:non-)?persistent:\/\/)?([\w.=:-]+\/[\w.=:-]+)\/(.+)$/.exec(plain) ?? []
  if (!namespace || !name) throw wrong(source)
  const whole = new RegExp(`^(?:${name.replace(/\$$/, '')})$`, flags.replaceAll(/[gy]/g, ''))
  const fits = (topic: string) => {
    const [, , tenant, space, ...rest] = topic.split('/')
    return `${tenant}/${space}` === namespace && whole.test(rest.join('/'))
  }
  return { namespace, mode, fits } satisfies TopicPattern
}

/**
 * What fits now, every partition by itself. Topics of Pulsar's own never do.
 * @throws PulsarError as the broker answers, or `connection` and `timeout`
 */
export const topicsLike = async (
  pool: ConnectionPool,
  { namespace, mode, fits }: TopicPattern,
): Promise<readonly TopicPart[]> => {
  const connection = await pool.any()
  const asked = { namespace, mode: modes[mode] }
  const reply = 'getTopicsOfNamespaceResponse'
  const { topics = [] } = await connection.request('getTopicsOfNamespace', asked, reply)
  const names = [...new Set(topics.map(withoutPartition))]
  const partitioned = new Set(topics.filter((topic) => withoutPartition(topic) !== topic))
  const isPartitioned = (name: string) => partitioned.has(`${name}-partition-0`)
  const wanted = names.filter((name) => fits(name) && !name.includes('/__'))
  const parts = wanted.map(async (topic) =>
    isPartitioned(topic) ? topicsOf(pool, topic) : [{ topic, partition: -1 }],
  )
  return (await Promise.all(parts)).flat()
}

const wrong = (source: string) =>
  new PulsarError(
    'invalid-argument',
    `"${source}" names no namespace; write persistent://tenant/namespace/<regular expression>.`,
  )
