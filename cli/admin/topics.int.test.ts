import { expect, test } from 'bun:test'
import { type AdminOnPulsar, adminOnPulsar } from '../../tests/support/admin-on-pulsar.ts'
import { beforePulsar, needsPulsar } from '../../tests/support/needs-pulsar.ts'
import { newNamespace } from '../../tests/support/pulsar-admin.ts'
import { until } from '../../tests/support/until.ts'

const done = { code: 0, error: '' }

needsPulsar('topics and subscriptions on a real Pulsar', () => {
  let pulsar: AdminOnPulsar

  beforePulsar(async () => {
    pulsar = await adminOnPulsar()
  })

  test('a topic gets more partitions and never fewer', async () => {
    const ns = await newNamespace(pulsar.admin)
    const topic = `persistent://${ns}/many`
    expect(await pulsar.line(`topics create-partitioned-topic -p 2 ${topic} --yes`)).toMatchObject(
      done,
    )
    const update = (partitions: number) =>
      pulsar.line(`topics update-partitioned-topic -p ${partitions} ${topic} --yes`)
    expect(await update(3)).toMatchObject(done)
    expect(await update(2)).toMatchObject({ code: 4, error: expect.stringContaining('has 3') })
    expect(await pulsar.json(`topics get-partitioned-topic-metadata ${topic}`)).toMatchObject({
      partitions: 3,
    })
    expect((await pulsar.line(`topics list-partitioned-topics ${ns}`)).out).toBe(topic)
    expect((await pulsar.line(`topics partitioned-stats --per-partition ${topic}`)).out).toContain(
      'many-partition-2',
    )
    expect(await pulsar.line(`topics delete-partitioned-topic ${topic} --yes`)).toMatchObject(done)
    expect((await pulsar.line(`topics list ${ns}`)).out).toBe('(none)')
  })

  test('what waits is looked at, skipped, cleared, read again and expired, by either group', async () => {
    const topic = await pulsar.newTopic()
    expect(
      await pulsar.line(`topics create-subscription -s s -m earliest ${topic} --yes`),
    ).toMatchObject(done)
    expect((await pulsar.line(`subscriptions list ${topic}`)).out).toBe('s')
    await pulsar.publish(topic, ['one'], ['two', 'three'])
    expect(await pulsar.json(`topics peek-messages -n 2 -s s ${topic}`)).toMatchObject([
      { data: 'one', key: 'key of one', properties: { said: 'one' } },
      { data: 'two' },
    ])
    expect((await pulsar.line(`subscriptions peek-messages ${topic} s`)).out).toMatch(
      /said: one\none$/,
    )
    expect(await pulsar.line(`topics skip -n 1 -s s ${topic} --yes`)).toMatchObject(done)
    // A batch counts as one.
    expect(await pulsar.backlog(topic)).toBe(1)
    expect(await pulsar.json(`subscriptions stats ${topic} s`)).toMatchObject({ msgBacklog: 1 })
    expect(await pulsar.line(`subscriptions clear-backlog ${topic} s --yes`)).toMatchObject(done)
    expect(await pulsar.backlog(topic)).toBe(0)
    expect(await pulsar.line(`topics reset-cursor -s s -t 1h ${topic} --yes`)).toMatchObject(done)
    expect(await pulsar.backlog(topic)).toBe(2)
    expect(
      await pulsar.line(`subscriptions reset-cursor ${topic} s -m latest --yes`),
    ).toMatchObject(done)
    expect(await pulsar.backlog(topic)).toBe(0)
    expect(
      await pulsar.line(`subscriptions reset-cursor ${topic} s -m earliest --yes`),
    ).toMatchObject(done)
    const expired = async () => {
      await pulsar.line(`topics expire-messages -s s -t 1 ${topic} --yes`)
      return (await pulsar.backlog(topic)) === 0
    }
    expect(await until(expired)).toBe(true)
    expect(await pulsar.line(`topics unsubscribe -s s ${topic} --yes`)).toMatchObject(done)
    expect((await pulsar.line(`topics subscriptions ${topic}`)).out).toBe('(none)')
  })

  test('of a partitioned topic the oldest waiting messages are shown, wherever they lie', async () => {
    const topic = await pulsar.newTopic(3)
    await pulsar.admin.subscriptions.create(topic, 's', 'earliest')
    await pulsar.publish(`${topic}-partition-2`, ['one', 'two'])
    await pulsar.publish(`${topic}-partition-0`, ['three'])
    await pulsar.publish(`${topic}-partition-2`, ['four'])
    const peeked = (await pulsar.json(`topics peek-messages -n 3 -s s ${topic}`)) as {
      data: string
    }[]
    expect(peeked.map(({ data }) => data)).toEqual(['one', 'two', 'three'])
    const asked = await pulsar.line(`topics skip -n 1 -s s ${topic} --yes`)
    expect(asked).toMatchObject({ code: 4, error: expect.stringContaining('t-partition-0') })
  })

  test('messages are found by id, time and place; the topic is compacted, unloaded and ended', async () => {
    const topic = await pulsar.newTopic()
    await pulsar.admin.subscriptions.create(topic, 's', 'earliest')
    await pulsar.publish(topic, ['one'], ['two'])
    const last = (await pulsar.json(`topics last-message-id ${topic}`)) as Record<string, number>
    const byId = `-l ${last['ledgerId']} -e ${last['entryId']}`
    expect(await pulsar.json(`topics get-message-by-id ${byId} ${topic}`)).toMatchObject([
      { data: 'two' },
    ])
    expect(await pulsar.json(`topics examine-messages -i earliest ${topic}`)).toMatchObject([
      { data: 'one' },
    ])
    expect(
      await pulsar.json(`topics get-message-id -d 2020-01-01T00:00:00Z ${topic}`),
    ).toMatchObject({
      ledgerId: last['ledgerId'],
    })
    expect(await pulsar.line(`topics compact ${topic} --yes`)).toMatchObject(done)
    const compacted = async () =>
      ((await pulsar.json(`topics compaction-status ${topic}`)) as { status: string }).status ===
      'SUCCESS'
    expect(await until(compacted)).toBe(true)
    expect(await pulsar.line(`topics unload ${topic} --yes`)).toMatchObject(done)
    expect((await pulsar.line(`topics stats-internal ${topic}`)).out).toContain('cursors')
    expect(await pulsar.json(`topics terminate ${topic} --yes`)).toHaveProperty('ledgerId')
    expect((await pulsar.line(`topics lookup ${topic}`)).out).toContain('brokerUrl')
    expect(await pulsar.line(`topics truncate ${topic} --yes`)).toMatchObject(done)
    expect(await pulsar.line(`topics delete --force ${topic} --yes`)).toMatchObject(done)
    expect(await pulsar.line(`topics stats ${topic}`)).toMatchObject({ code: 3 })
  })

  test('a topic gets policies of its own, and leaves them to its namespace again', async () => {
    const topic = await pulsar.newTopic()
    const has = async (policy: string, value: unknown) =>
      until(async () => Bun.deepEquals(await pulsar.json(`topics get-${policy} ${topic}`), value))
    const retention = { retentionTimeInMinutes: 60, retentionSizeInMB: -1 }
    const set = `topics set-retention -s -1 -t 1h ${topic} --yes`
    expect(await pulsar.line(set)).toMatchObject(done)
    expect(await has('retention', retention)).toBe(true)
    expect(await pulsar.line(`topics remove-retention ${topic} --yes`)).toMatchObject(done)
    expect(await has('retention', null)).toBe(true)
    const quota = `topics set-backlog-quota -t message_age -lt 1h -p producer_exception ${topic} --yes`
    expect(await pulsar.line(quota)).toMatchObject(done)
    const limited = async () =>
      JSON.stringify(await pulsar.json(`topics get-backlog-quotas ${topic}`)).includes('3600')
    expect(await until(limited)).toBe(true)
    const remove = `topics remove-backlog-quota -t message_age ${topic} --yes`
    expect(await pulsar.line(remove)).toMatchObject(done)
    expect(await until(async () => !(await limited()))).toBe(true)
  })
})
