import type { Connection } from '../connection/connection.ts'
import { PulsarError } from '../errors.ts'
import type { Body } from '../wire/commands.ts'
import type { ConnectionPool } from './connection-pool.ts'
import { partitionName } from './topic-name.ts'

/** `LookupType` in CommandLookupTopicResponse of PulsarApi.proto. */
const redirect = 0

/** A broker that sends us round in circles is given up after as many redirects as the Java client. */
const maxRedirects = 20

/**
 * How many partitions a topic has; 0 when it is not partitioned or does not exist.
 * @param mustExist throws `topic-not-found` for one that does not exist (PIP-344)
 * @throws PulsarError as the broker answers, or `connection` and `timeout`
 */
export const partitionsOf = async (
  pool: ConnectionPool,
  topic: string,
  answerMs?: number,
  mustExist = false,
): Promise<number> => {
  const connection = await pool.any()
  const reply = await connection.request(
    'partitionMetadata',
    { topic, metadataAutoCreationEnabled: mustExist ? false : undefined },
    'partitionMetadataResponse',
    answerMs,
  )
  return reply.partitions ?? 0
}

export interface TopicPart {
  readonly topic: string
  /** -1 when the topic has no partitions. */
  readonly partition: number
}

/** The topics that make up `topic`: its partitions, or itself. Rejects as `partitionsOf`. */
export const topicsOf = async (
  pool: ConnectionPool,
  topic: string,
  answerMs?: number,
  mustExist = false,
): Promise<readonly TopicPart[]> => {
  const partitions = await partitionsOf(pool, topic, answerMs, mustExist)
  if (partitions === 0) return [{ topic, partition: -1 }]
  return Array.from({ length: partitions }, (_, partition) => ({
    topic: partitionName(topic, partition),
    partition,
  }))
}

/**
 * A connection on which producers and consumers of `topic` are welcome now.
 * @param answerMs how long each answer may take; the time for operations unless given
 * @throws PulsarError as the broker answers, or `connection` and `timeout`
 */
export const connectionFor = async (
  pool: ConnectionPool,
  topic: string,
  answerMs?: number,
): Promise<Connection> => {
  let connection = await pool.any()
  let authoritative = false
  for (let hop = 0; hop <= maxRedirects; hop++) {
    const reply: Body<'lookupResponse'> = await connection.request(
      'lookup',
      { topic, authoritative, advertisedListenerName: pool.listenerName },
      'lookupResponse',
      answerMs,
    )
    const next = await follow(pool, reply)
    if (reply.response !== redirect) return next
    connection = next
    authoritative = reply.authoritative === true
  }
  throw new PulsarError('service-not-ready', `${topic}: more than ${maxRedirects} redirects.`)
}

const follow = (pool: ConnectionPool, reply: Body<'lookupResponse'>): Promise<Connection> => {
  const url = pool.tls ? reply.brokerServiceUrlTls : reply.brokerServiceUrl
  if (!url) throw new PulsarError('service-not-ready', 'The lookup named no broker.')
  return reply.proxyThroughServiceUrl === true ? pool.through(url) : pool.at(url)
}
