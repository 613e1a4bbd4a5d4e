import type { PulsarAdmin } from '../pulsar/admin/admin.ts'
import type { PartitionedStats, TopicStats } from '../pulsar/admin/topic-stats.ts'
import type { DesiredTopic } from './desired.ts'
import { type Difference, existing, isKind, unlessThere } from './difference.ts'

/** Its partitions and subscriptions, each on each partition; one call for a topic that is there. */
export async function topicDifferences(
  admin: PulsarAdmin,
  topic: DesiredTopic,
): Promise<readonly Difference[]> {
  const stats = await existing(admin.topics.partitionedStats(topic.name))
  if (!stats) return [await absence(admin, topic)]
  const partitions = await partitionDifferences(stats, topic)
  return partitions.length > 0 ? partitions : subscriptionDifferences(stats, topic)
}

/** The same for who only publishes there. */
export async function partitionCountDifferences(
  admin: PulsarAdmin,
  topic: DesiredTopic,
): Promise<readonly Difference[]> {
  const found = await existing(admin.topics.partitions(topic.name))
  if (found === topic.partitions) return []
  return topicDifferences(admin, topic)
}

async function absence(admin: PulsarAdmin, topic: DesiredTopic): Promise<Difference> {
  const { name, partitions, subscriptions } = topic
  const readers = subscriptions.length > 0 ? `, read by ${subscriptions.join(', ')}` : ''
  const wanted = `${counted(partitions)}${readers}`
  const base = { kind: 'topic', on: name, wanted } as const
  const found = await existing(admin.topics.partitions(name))
  if (found === 0) {
    const refused = 'Pulsar cannot give it partitions; read what it holds and delete it'
    return { ...base, is: 'without partitions', remedy: { refused } }
  }
  const mend = async () => {
    await unlessThere(admin.topics.createPartitioned(name, partitions))
    for (const subscription of subscriptions) await subscribe(admin, name, subscription)
  }
  return { ...base, is: 'missing', remedy: { mend } }
}

// From the earliest, so that what was published before its reader came is not missed.
const subscribe = (admin: PulsarAdmin, topic: string, subscription: string) =>
  unlessThere(admin.subscriptions.create(topic, subscription, 'earliest'))

async function partitionDifferences(
  stats: PartitionedStats,
  { name, partitions }: DesiredTopic,
): Promise<readonly Difference[]> {
  const found = stats.metadata.partitions
  const base = { kind: 'partitions', on: name, wanted: counted(partitions) } as const
  if (found > partitions) {
    const refused = `Pulsar cannot take partitions away; set TOPIC_PARTITIONS=${found}, or delete the topic once it is drained`
    return [{ ...base, is: counted(found), remedy: { refused } }]
  }
  if (found < partitions) {
    const busy = undrained(stats)
    if (busy !== undefined) {
      const refused = `keys would move to other partitions while ${busy}; drain it first, or set TOPIC_PARTITIONS=${found}`
      return [{ ...base, is: counted(found), remedy: { refused } }]
    }
    return [{ ...base, is: counted(found), remedy: { mend: grow(name, partitions) } }]
  }
  const lacking = missingParts(stats, () => true)
  if (lacking.length === 0) return []
  const mend = (admin: PulsarAdmin) => unlessThere(admin.topics.createMissedPartitions(name))
  return [{ ...base, is: `without ${lacking.join(', ')}`, remedy: { mend } }]
}

const grow = (topic: string, partitions: number) => async (admin: PulsarAdmin) => {
  try {
    await admin.topics.updatePartitions(topic, partitions)
  } catch (error) {
    // Somebody else was quicker: it has as many by now.
    const now = await admin.topics.partitions(topic)
    if (isKind(error, 'unauthorised') || now !== partitions) throw error
  }
}

/** Who would notice that keys move; undefined when nobody would. */
function undrained({ partitions }: PartitionedStats): string | undefined {
  const parts = Object.values(partitions)
  const readers = parts.flatMap(({ subscriptions }) => Object.entries(subscriptions))
  const behind = readers.find(([, { msgBacklog }]) => msgBacklog > 0)
  if (behind) return `${behind[0]} has not read all of it`
  if (parts.some(({ publishers }) => publishers.length > 0)) return 'somebody publishes'
  // Roles ask for partitions once, when they subscribe.
  const connected = readers.find(([, { consumers }]) => consumers.length > 0)
  return connected && `${connected[0]} is connected, and would not read the new ones`
}

function subscriptionDifferences(
  stats: PartitionedStats,
  { name, subscriptions }: DesiredTopic,
): readonly Difference[] {
  return subscriptions.flatMap((subscription): Difference[] => {
    const lacking = missingParts(stats, (part) => subscription in part.subscriptions)
    if (lacking.length === 0) return []
    const all = lacking.length === stats.metadata.partitions
    return [
      {
        kind: 'subscription',
        on: name,
        is: all ? `no ${subscription}` : `no ${subscription} on ${lacking.join(', ')}`,
        wanted: `read by ${subscription}`,
        remedy: { mend: (admin) => subscribe(admin, name, subscription) },
      },
    ]
  })
}

/** Names of the partitions that are not there, or not as they have to be. */
const missingParts = (
  { metadata, partitions }: PartitionedStats,
  holds: (part: TopicStats) => boolean,
): readonly string[] => {
  const found = new Map(
    Object.entries(partitions).map(([name, part]) => [/-partition-\d+$/.exec(name)?.[0], part]),
  )
  return Array.from({ length: metadata.partitions }, (_, i) => `-partition-${i}`)
    .filter((suffix) => {
      const part = found.get(suffix)
      return part === undefined || !holds(part)
    })
    .map((suffix) => suffix.slice(1))
}

const counted = (partitions: number) =>
  partitions === 1 ? '1 partition' : `${partitions} partitions`
