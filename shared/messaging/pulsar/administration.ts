import type { PulsarAdmin } from '../../pulsar/admin/admin.ts'
import { PulsarAdminError } from '../../pulsar/admin/errors.ts'
import type { Broker, TopicStats } from '../port.ts'
import { fateOf } from './fates.ts'
import type { Topics } from './topics.ts'

type Administration = Pick<Broker, 'ensureTopic' | 'ensureSubscription' | 'stats'>

/** The port's operations that need Pulsar's admin interface. All throw fates. */
export const administration = (admin: PulsarAdmin, topics: Topics): Administration => {
  const named = async <Answer>(
    topic: string,
    work: (name: string) => Promise<Answer>,
  ): Promise<Answer> => {
    try {
      return await work(topics.pulsarName(topic))
    } catch (error) {
      throw fateOf(error, topic)
    }
  }
  return {
    ensureTopic: (topic, partitions) =>
      named(topic, async (name) => {
        const create = () => unlessThere(admin.topics.createPartitioned(name, partitions))
        try {
          await create()
        } catch (error) {
          if (!isKind(error, 'not-found')) throw error
          await ensureNamespace(admin, name)
          await create()
        }
      }),
    ensureSubscription: (topic, subscription, from = 'earliest') =>
      named(topic, (name) => unlessThere(admin.subscriptions.create(name, subscription, from))),
    stats: (topic) => named(topic, (name) => statsOf(admin, topic, name)),
  }
}

const isKind = (error: unknown, kind: PulsarAdminError['kind']) =>
  error instanceof PulsarAdminError && error.kind === kind

const unlessThere = async (creation: Promise<void>): Promise<void> => {
  try {
    await creation
  } catch (error) {
    if (!isKind(error, 'conflict')) throw error
  }
}

const ensureNamespace = async (admin: PulsarAdmin, topic: string): Promise<void> => {
  const [tenant = '', namespace = ''] = topic.replace(/^[a-z-]+:\/\//, '').split('/')
  const { allowedClusters } = await admin.tenants.get('public')
  await unlessThere(admin.tenants.create(tenant, { adminRoles: [], allowedClusters }))
  await unlessThere(admin.namespaces.create(`${tenant}/${namespace}`))
}

/** The backlog of a subscription is counted in entries: a batch is one. */
const statsOf = async (admin: PulsarAdmin, topic: string, name: string): Promise<TopicStats> => {
  const partitions = await admin.topics.partitions(name)
  const { subscriptions } =
    partitions > 0 ? await admin.topics.partitionedStats(name) : await admin.topics.stats(name)
  const durable = Object.entries(subscriptions).filter(([, { isDurable }]) => isDurable)
  return {
    topic,
    partitions: Math.max(1, partitions),
    subscriptions: durable
      .map(([subscription, { msgBacklog }]) => ({ name: subscription, backlog: msgBacklog }))
      .sort((one, other) => (one.name < other.name ? -1 : 1)),
  }
}
