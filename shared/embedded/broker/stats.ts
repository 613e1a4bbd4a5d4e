import type { TopicStats } from '../../messaging/port.ts'
import type { BrokerCore } from './core.ts'
import { ask } from './statements.ts'

/** Partitions and backlogs of a topic; the backlog counts what is not acknowledged, handed out or not. */
export const topicStats = async (core: BrokerCore, topic: string): Promise<TopicStats> => {
  const { id, partitionIds } = await core.topics.find(topic)
  const rows = await ask<{ name: string; backlog: string }>(core.database, backlogs, [id])
  return {
    topic,
    partitions: partitionIds.length,
    subscriptions: rows.map(({ name, backlog }) => ({ name, backlog: Number(backlog) })),
  }
}

const backlogs = `
  SELECT s.name, sum(p.next_seq - greatest(c.mark, c.read_to)
    + (SELECT count(*) FROM broker.delivery d
       WHERE d.subscription_id = s.id AND d.partition_id = p.id)
    - coalesce((SELECT sum(upper(r) - lower(r)) FROM unnest(c.acked) AS r
       WHERE lower(r) >= greatest(c.mark, c.read_to)), 0)) AS backlog
  FROM broker.subscription s
  JOIN broker.cursor c ON c.subscription_id = s.id
  JOIN broker.partition p ON p.id = c.partition_id
  WHERE s.topic_id = $1 GROUP BY s.name ORDER BY s.name`
