import { expect, test } from 'bun:test'
import { beforePulsar, needsPulsar } from '../../../tests/support/needs-pulsar.ts'
import { ownNamespace, testPulsar } from '../../../tests/support/pulsar.ts'
import { kindOf, newNamespace } from '../../../tests/support/pulsar-admin.ts'
import { until } from '../../../tests/support/until.ts'
import { type PulsarAdmin, pulsarAdmin } from './admin.ts'

needsPulsar('the admin client on a real Pulsar', () => {
  let admin: PulsarAdmin
  let url: string

  beforePulsar(async () => {
    url = (await testPulsar()).adminUrl
    admin = pulsarAdmin({ url })
  })

  /** Publishes over HTTP, each message an entry of its own. */
  const publish = async (topic: string, payloads: readonly string[]) => {
    const messages = payloads.map((payload) => ({
      payload,
      key: `key of ${payload}`,
      properties: { said: payload },
    }))
    for (const message of messages) {
      const answer = await fetch(`${url}/topics/${encodeURI(topic.replace('://', '/'))}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ producerName: 'test', valueSchema: '', messages: [message] }),
      })
      expect(answer.status).toBe(200)
    }
  }

  test('a broker says that it is healthy, and which version it is', async () => {
    expect(await admin.brokers.isHealthy()).toBe(true)
    expect(await admin.brokers.version()).toMatch(/^\d+\.\d+\.\d+/)
    expect(await admin.brokers.list()).toHaveLength(1)
  })

  test('tenants are created once, listed, read and deleted', async () => {
    const name = ownNamespace()
    const tenant = { adminRoles: ['boss'], allowedClusters: ['standalone'] }
    await admin.tenants.create(name, tenant)
    expect(await kindOf(admin.tenants.create(name, tenant))).toBe('conflict')
    expect(await admin.tenants.list()).toContain(name)
    expect(await admin.tenants.get(name)).toMatchObject(tenant)
    await admin.tenants.delete(name)
    expect(await kindOf(admin.tenants.get(name))).toBe('not-found')
  })

  test('every policy that is set for a namespace is the one it has', async () => {
    const namespace = await newNamespace(admin)
    const { namespaces } = admin
    const retention = { retentionTimeInMinutes: 60, retentionSizeInMB: 5 }
    const quota = { limitSize: 1_000_000, policy: 'producer_exception' } as const
    const creation = {
      allowAutoTopicCreation: true,
      topicType: 'partitioned',
      defaultNumPartitions: 3,
    } as const
    await namespaces.setRetention(namespace, retention)
    await namespaces.setDeduplication(namespace, true)
    await namespaces.setMessageTtl(namespace, 3600)
    await namespaces.setBacklogQuota(namespace, 'destination_storage', quota)
    await namespaces.setSchemaCompatibilityStrategy(namespace, 'BACKWARD')
    await namespaces.setSchemaValidationEnforced(namespace, true)
    await namespaces.setAutoTopicCreation(namespace, creation)
    await namespaces.setCompactionThreshold(namespace, 1_000_000)
    await namespaces.grantPermission(namespace, 'worker', ['produce', 'consume'])
    const policies = await namespaces.policies(namespace)
    expect(policies).toMatchObject({
      retention_policies: retention,
      deduplicationEnabled: true,
      message_ttl_in_seconds: 3600,
      backlog_quota_map: { destination_storage: quota },
      schema_compatibility_strategy: 'BACKWARD',
      schema_validation_enforced: true,
      autoTopicCreationOverride: creation,
      compaction_threshold: 1_000_000,
    })
    expect(policies.auth_policies.namespace_auth['worker']?.toSorted()).toEqual([
      'consume',
      'produce',
    ])
    expect(await namespaces.list('public')).toContain(namespace)
    await namespaces.delete(namespace, { force: true })
    expect(await kindOf(namespaces.policies(namespace))).toBe('not-found')
  })

  test('a topic gets more partitions and never fewer', async () => {
    const topic = `persistent://${await newNamespace(admin)}/many`
    const { topics } = admin
    expect(await kindOf(topics.partitions(topic))).toBe('not-found')
    await topics.createPartitioned(topic, 2)
    expect(await kindOf(topics.createPartitioned(topic, 2))).toBe('conflict')
    await topics.updatePartitions(topic, 3)
    expect(await topics.partitions(topic)).toBe(3)
    expect(await kindOf(topics.updatePartitions(topic, 2))).toBe('invalid')
    expect(await topics.listPartitioned(topic.split('/').slice(2, 4).join('/'))).toEqual([topic])
    await admin.subscriptions.create(topic, 'reader', 'earliest')
    const { metadata, subscriptions } = await topics.partitionedStats(topic)
    expect(metadata.partitions).toBe(3)
    expect(subscriptions['reader']?.msgBacklog).toBe(0)
    await topics.deletePartitioned(topic, { force: true })
    expect(await kindOf(topics.partitions(topic))).toBe('not-found')
  })

  test('what waits for a subscription is counted, looked at, skipped, cleared and read again', async () => {
    const topic = `persistent://${await newNamespace(admin)}/a topic, oddly named ü`
    const { topics, subscriptions } = admin
    await topics.create(topic)
    expect((await topics.lastMessageId(topic)).entryId).toBe(-1)
    await subscriptions.create(topic, 'reader', 'earliest')
    expect(await kindOf(subscriptions.create(topic, 'reader'))).toBe('conflict')
    expect(await subscriptions.list(topic)).toEqual(['reader'])
    const backlog = async () => (await topics.stats(topic)).subscriptions['reader']?.msgBacklog
    await publish(topic, ['one', 'two', 'three'])
    expect(await backlog()).toBe(3)
    const second = await subscriptions.peek(topic, 'reader', 2)
    expect(Buffer.from(second.payload).toString()).toBe('two')
    expect(second).toMatchObject({
      key: 'key of two',
      properties: { said: 'two' },
      batchOf: undefined,
    })
    await subscriptions.skip(topic, 'reader', 1)
    expect(await backlog()).toBe(2)
    await subscriptions.clearBacklog(topic, 'reader')
    expect(await backlog()).toBe(0)
    expect(await kindOf(subscriptions.peek(topic, 'reader'))).toBe('not-found')
    await subscriptions.resetTo(topic, 'reader', second.id)
    expect(await backlog()).toBe(2)
    await subscriptions.resetTo(topic, 'reader', 'latest')
    expect(await backlog()).toBe(0)
    await subscriptions.resetToTime(topic, 'reader', new Date(0))
    expect(await backlog()).toBe(3)
    await subscriptions.delete(topic, 'reader')
    expect(await subscriptions.list(topic)).toEqual([])
  })

  test('what waits too long for a subscription is expired, and nothing younger', async () => {
    const topic = `persistent://${await newNamespace(admin)}/stale`
    const { topics, subscriptions } = admin
    await topics.create(topic)
    await subscriptions.create(topic, 'reader', 'earliest')
    await publish(topic, ['one', 'two'])
    const backlog = async () => (await topics.stats(topic)).subscriptions['reader']?.msgBacklog
    // Pulsar says of so few sometimes that there is nothing to do, and sometimes does it.
    const expire = (seconds: number) =>
      kindOf(subscriptions.expireOlderThan(topic, 'reader', seconds))
    expect(['done', 'conflict']).toContain(await expire(3600))
    expect(await backlog()).toBe(2)
    const emptied = async () => {
      await expire(1)
      return (await backlog()) === 0
    }
    expect(await until(emptied)).toBe(true)
  })

  test('messages are found by their id and by their time', async () => {
    const topic = `persistent://${await newNamespace(admin)}/found`
    const { topics, subscriptions } = admin
    await topics.create(topic)
    await subscriptions.create(topic, 'keeps', 'earliest')
    await publish(topic, ['one', 'two'])
    const last = await topics.lastMessageId(topic)
    const entry = await topics.entry(topic, last)
    expect(Buffer.from(entry.payload).toString()).toBe('two')
    expect(entry.publishTime!.getTime()).toBeGreaterThan(Date.now() - 60_000)
    expect(await topics.messageIdAt(topic, entry.publishTime!)).toMatchObject({
      ledgerId: last.ledgerId,
    })
    const { entriesAddedCounter, cursors } = await topics.internalStats(topic)
    expect(entriesAddedCounter).toBe(2)
    expect(Object.keys(cursors)).toEqual(['keeps'])
  })

  test('a topic is compacted, terminated, unloaded and deleted', async () => {
    const namespace = await newNamespace(admin)
    const topic = `persistent://${namespace}/short-lived`
    const { topics, subscriptions } = admin
    await topics.create(topic)
    await subscriptions.create(topic, 'reader', 'earliest')
    await publish(topic, ['one'])
    expect(await topics.list(namespace)).toEqual([topic])
    await topics.compact(topic)
    expect(await topics.terminate(topic)).toMatchObject({ entryId: 0 })
    await topics.unload(topic)
    await topics.delete(topic, { force: true })
    expect(await topics.list(namespace)).toEqual([])
    expect(await kindOf(topics.stats(topic))).toBe('not-found')
  })

  test('the policies of a topic are its own', async () => {
    const topic = `persistent://${await newNamespace(admin)}/special`
    const { topics } = admin
    await topics.create(topic)
    await topics.setRetention(topic, { retentionTimeInMinutes: 7, retentionSizeInMB: -1 })
    await topics.setDeduplication(topic, true)
    await topics.setDelayedDelivery(topic, { active: true, tickTime: 1000 })
    const has = async (policy: string) => {
      const answer = await fetch(`${url}/admin/v2/${topic.replace('://', '/')}/${policy}`)
      return answer.status === 200 ? answer.json() : undefined
    }
    expect(await until(() => has('retention'))).toMatchObject({ retentionTimeInMinutes: 7 })
    expect(await until(() => has('deduplicationEnabled'))).toBe(true)
    expect(await until(() => has('delayedDelivery'))).toMatchObject({
      active: true,
      tickTime: 1000,
    })
  })

  test('an error says what was asked, what Pulsar said, and what to do', async () => {
    const asked = admin.namespaces.policies('nobody/nothing')
    await expect(asked).rejects.toThrow(
      /^GET namespaces\/nobody\/nothing: .+\. Create it first, or check the name\.$/,
    )
    expect(await kindOf(admin.namespaces.setMessageTtl('public/default', -5))).toBe('conflict')
    expect(await kindOf(admin.topics.createPartitioned('public/default/none', 0))).toBe('invalid')
  })
})
