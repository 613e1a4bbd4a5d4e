import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PulsarAdmin, pulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import { Client } from '../../shared/pulsar/client.ts'
import { adminCommand, type Said } from '../../tests/support/admin-command.ts'
import { beforePulsar, needsPulsar } from '../../tests/support/needs-pulsar.ts'
import { newNamespace } from '../../tests/support/pulsar-admin.ts'
import { testPulsar } from '../../tests/support/pulsar.ts'
import { until } from '../../tests/support/until.ts'

needsPulsar('the admin command line on a real Pulsar', () => {
  let url: string
  let admin: PulsarAdmin
  let run: ReturnType<typeof adminCommand>
  const folder = mkdtempSync(join(tmpdir(), 'aero-admin-'))

  beforePulsar(async () => {
    url = (await testPulsar()).adminUrl
    admin = pulsarAdmin({ url })
    run = adminCommand({ PULSAR_ADMIN_URL: url })
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const line = (text: string) => {
    const [group, ...words] = text.split(' ')
    return run(group as Parameters<typeof run>[0], ...words)
  }
  const json = async (text: string): Promise<unknown> =>
    JSON.parse((await line(`${text} --output json`)).out)
  const done = { code: 0, error: '' }

  /** What is sent at once is one batch. */
  const publish = async (topic: string, ...batches: readonly (readonly string[])[]) => {
    const client = new Client({ serviceUrl: (await testPulsar()).url })
    const producer = await client.createProducer({ topic, compressionType: 'LZ4' })
    for (const payloads of batches) {
      const sent = payloads.map((payload) =>
        producer.send({
          data: Buffer.from(payload),
          partitionKey: `key of ${payload}`,
          properties: { said: payload },
        }),
      )
      await Promise.all(sent)
    }
    await client.close()
  }
  const newTopic = async (partitions = 0) => {
    const topic = `persistent://${await newNamespace(admin)}/t`
    if (partitions > 0) await admin.topics.createPartitioned(topic, partitions)
    else await admin.topics.create(topic)
    return topic
  }
  const backlog = async (topic: string) =>
    (await admin.topics.stats(topic)).subscriptions['s']?.msgBacklog

  test('a tenant and its namespace are created, changed, listed and deleted', async () => {
    const tenant = `t-${crypto.randomUUID()}`
    const namespace = `${tenant}/n`
    expect(await line(`tenants create ${tenant} -r boss --yes`)).toMatchObject(done)
    expect(await line(`tenants create ${tenant} --yes`)).toMatchObject({ code: 4 })
    expect(await json(`tenants get ${tenant}`)).toMatchObject({ adminRoles: ['boss'] })
    expect(await line(`tenants update ${tenant} -r other --yes`)).toMatchObject(done)
    expect(await json(`tenants get ${tenant}`)).toEqual({
      adminRoles: ['other'],
      allowedClusters: await admin.brokers.clusters(),
    })
    expect(await line(`namespaces create ${namespace} -b 2 --yes`)).toMatchObject(done)
    expect(await json(`namespaces bundles ${namespace}`)).toMatchObject({ numBundles: 2 })
    expect(await line(`namespaces list ${tenant}`)).toMatchObject({ ...done, out: namespace })
    expect(await line(`tenants delete ${tenant} --yes`)).toMatchObject({ code: 4 })
    expect(await line(`namespaces delete ${namespace} --yes`)).toMatchObject(done)
    expect(await line(`tenants delete ${tenant} --yes`)).toMatchObject(done)
    expect(await line(`tenants get ${tenant}`)).toMatchObject({ code: 3 })
  })

  test('every policy of a namespace is set, read and left to the broker again', async () => {
    const ns = await newNamespace(admin)
    const set = [
      ['retention', `-s 1G -t 3d`, { retentionTimeInMinutes: 4320, retentionSizeInMB: 1024 }],
      ['message-ttl', `-ttl 90m`, 5400],
      ['deduplication', `--enable`, true],
      ['schema-compatibility-strategy', `-c BACKWARD`, 'BACKWARD'],
      ['schema-validation-enforce', `-e`, true],
      [
        'auto-topic-creation',
        `-e -t partitioned -n 3`,
        { allowAutoTopicCreation: true, topicType: 'partitioned', defaultNumPartitions: 3 },
      ],
      ['compaction-threshold', `-t 10M`, 10_485_760],
    ] as const
    for (const [policy, words, value] of set) {
      expect(await line(`namespaces set-${policy} ${words} ${ns} --yes`)).toMatchObject(done)
      expect(await json(`namespaces get-${policy} ${ns}`)).toEqual(value)
    }
    const quota = '-l 10M -p producer_exception'
    expect(await line(`namespaces set-backlog-quota ${quota} ${ns} --yes`)).toMatchObject(done)
    expect(await json(`namespaces get-backlog-quotas ${ns}`)).toMatchObject({
      destination_storage: { limitSize: 10_485_760, limitTime: -1, policy: 'producer_exception' },
    })
    for (const policy of ['retention', 'message-ttl', 'deduplication', 'compaction-threshold']) {
      expect(await line(`namespaces remove-${policy} ${ns} --yes`)).toMatchObject(done)
      expect(await json(`namespaces get-${policy} ${ns}`)).toBeNull()
    }
    expect(await line(`namespaces remove-backlog-quota ${ns} --yes`)).toMatchObject(done)
    expect(await json(`namespaces get-backlog-quotas ${ns}`)).toEqual({})
  })

  test('a role is granted permissions and loses them', async () => {
    const ns = await newNamespace(admin)
    const grant = `namespaces grant-permission --role worker --actions produce,consume ${ns} --yes`
    expect(await line(grant)).toMatchObject(done)
    expect(Object.keys((await json(`namespaces permissions ${ns}`)) as object)).toEqual(['worker'])
    expect(await line(`namespaces revoke-permission --role worker ${ns} --yes`)).toMatchObject(done)
    expect(await json(`namespaces permissions ${ns}`)).toEqual({})
    expect(await line(grant.replace('consume', 'everything'))).toMatchObject({ code: 2 })
  })

  test('a topic gets more partitions and never fewer', async () => {
    const ns = await newNamespace(admin)
    const topic = `persistent://${ns}/many`
    expect(await line(`topics create-partitioned-topic -p 2 ${topic} --yes`)).toMatchObject(done)
    const update = (partitions: number) =>
      line(`topics update-partitioned-topic -p ${partitions} ${topic} --yes`)
    expect(await update(3)).toMatchObject(done)
    expect(await update(2)).toMatchObject({ code: 4, error: expect.stringContaining('has 3') })
    expect(await json(`topics get-partitioned-topic-metadata ${topic}`)).toMatchObject({
      partitions: 3,
    })
    expect((await line(`topics list-partitioned-topics ${ns}`)).out).toBe(topic)
    expect((await line(`topics partitioned-stats --per-partition ${topic}`)).out).toContain(
      'many-partition-2',
    )
    expect(await line(`topics delete-partitioned-topic ${topic} --yes`)).toMatchObject(done)
    expect((await line(`topics list ${ns}`)).out).toBe('(none)')
  })

  test('what waits is looked at, skipped, cleared, read again and expired, by either group', async () => {
    const topic = await newTopic()
    expect(await line(`topics create-subscription -s s -m earliest ${topic} --yes`)).toMatchObject(
      done,
    )
    expect((await line(`subscriptions list ${topic}`)).out).toBe('s')
    await publish(topic, ['one'], ['two', 'three'])
    expect(await json(`topics peek-messages -n 2 -s s ${topic}`)).toMatchObject([
      { data: 'one', key: 'key of one', properties: { said: 'one' } },
      { data: 'two' },
    ])
    expect((await line(`subscriptions peek-messages ${topic} s`)).out).toMatch(/said: one\none$/)
    expect(await line(`topics skip -n 1 -s s ${topic} --yes`)).toMatchObject(done)
    // A batch counts as one.
    expect(await backlog(topic)).toBe(1)
    expect(await json(`subscriptions stats ${topic} s`)).toMatchObject({ msgBacklog: 1 })
    expect(await line(`subscriptions clear-backlog ${topic} s --yes`)).toMatchObject(done)
    expect(await backlog(topic)).toBe(0)
    expect(await line(`topics reset-cursor -s s -t 1h ${topic} --yes`)).toMatchObject(done)
    expect(await backlog(topic)).toBe(2)
    expect(await line(`subscriptions reset-cursor ${topic} s -m latest --yes`)).toMatchObject(done)
    expect(await backlog(topic)).toBe(0)
    expect(await line(`subscriptions reset-cursor ${topic} s -m earliest --yes`)).toMatchObject(
      done,
    )
    const expired = async () => {
      await line(`topics expire-messages -s s -t 1 ${topic} --yes`)
      return (await backlog(topic)) === 0
    }
    expect(await until(expired)).toBe(true)
    expect(await line(`topics unsubscribe -s s ${topic} --yes`)).toMatchObject(done)
    expect((await line(`topics subscriptions ${topic}`)).out).toBe('(none)')
  })

  test('of a partitioned topic the oldest waiting messages are shown, wherever they lie', async () => {
    const topic = await newTopic(3)
    await admin.subscriptions.create(topic, 's', 'earliest')
    await publish(`${topic}-partition-2`, ['one', 'two'])
    await publish(`${topic}-partition-0`, ['three'])
    await publish(`${topic}-partition-2`, ['four'])
    const peeked = (await json(`topics peek-messages -n 3 -s s ${topic}`)) as { data: string }[]
    expect(peeked.map(({ data }) => data)).toEqual(['one', 'two', 'three'])
    const asked = await line(`topics skip -n 1 -s s ${topic} --yes`)
    expect(asked).toMatchObject({ code: 4, error: expect.stringContaining('t-partition-0') })
  })

  test('messages are found by id, time and place; the topic is compacted, unloaded and ended', async () => {
    const topic = await newTopic()
    await admin.subscriptions.create(topic, 's', 'earliest')
    await publish(topic, ['one'], ['two'])
    const last = (await json(`topics last-message-id ${topic}`)) as Record<string, number>
    const byId = `-l ${last['ledgerId']} -e ${last['entryId']}`
    expect(await json(`topics get-message-by-id ${byId} ${topic}`)).toMatchObject([{ data: 'two' }])
    expect(await json(`topics examine-messages -i earliest ${topic}`)).toMatchObject([
      { data: 'one' },
    ])
    expect(await json(`topics get-message-id -d 2020-01-01T00:00:00Z ${topic}`)).toMatchObject({
      ledgerId: last['ledgerId'],
    })
    expect(await line(`topics compact ${topic} --yes`)).toMatchObject(done)
    const compacted = async () =>
      ((await json(`topics compaction-status ${topic}`)) as { status: string }).status === 'SUCCESS'
    expect(await until(compacted)).toBe(true)
    expect(await line(`topics unload ${topic} --yes`)).toMatchObject(done)
    expect((await line(`topics stats-internal ${topic}`)).out).toContain('cursors')
    expect(await json(`topics terminate ${topic} --yes`)).toHaveProperty('ledgerId')
    expect((await line(`topics lookup ${topic}`)).out).toContain('brokerUrl')
    expect(await line(`topics truncate ${topic} --yes`)).toMatchObject(done)
    expect(await line(`topics delete --force ${topic} --yes`)).toMatchObject(done)
    expect(await line(`topics stats ${topic}`)).toMatchObject({ code: 3 })
  })

  test('schemas are registered, read, compared and deleted', async () => {
    const topic = await newTopic()
    const file = (name: string, ...fields: object[]) => {
      const path = join(folder, name)
      const schema = { type: 'record', name: 'Order', fields }
      writeFileSync(path, JSON.stringify({ type: 'JSON', schema: JSON.stringify(schema) }))
      return path
    }
    const first = file('first.json', { name: 'id', type: 'string' })
    expect(await json(`schemas upload -f ${first} ${topic} --yes`)).toEqual({ version: 0 })
    expect(await json(`schemas get ${topic}`)).toMatchObject({ version: 0, type: 'JSON' })
    expect((await line(`schemas get --version 0 ${topic}`)).out).toContain('"name": "id"')
    expect(await json(`schemas get -a ${topic}`)).toHaveLength(1)
    const other = file('other.json', { name: 'id', type: 'int' })
    expect(await json(`schemas compatibility -f ${other} ${topic}`)).toMatchObject({
      compatible: false,
    })
    expect(await line(`schemas upload -f ${other} ${topic} --yes`)).toMatchObject({ code: 4 })
    expect(await line(`schemas upload -f ${folder} ${topic} --yes`)).toMatchObject({ code: 2 })
    expect(await line(`schemas delete ${topic} --yes`)).toMatchObject(done)
    expect(await line(`schemas delete ${topic} --yes`)).toMatchObject({ code: 3 })
  })

  test('brokers say how they are', async () => {
    expect(await line('brokers healthcheck')).toMatchObject({ ...done, out: 'ok' })
    expect((await line('brokers version')).out).toMatch(/^\d+\.\d+/)
    const [broker] = (await json('brokers list')) as string[]
    const [cluster] = (await json('brokers clusters')) as string[]
    expect(await json(`brokers list ${cluster}`)).toEqual([broker])
    expect(await line(`brokers namespaces ${cluster} -u ${broker}`)).toMatchObject(done)
    expect(await json('brokers leader-broker')).toHaveProperty('serviceUrl')
    expect((await json('brokers list-dynamic-config')) as string[]).not.toHaveLength(0)
    expect((await line('brokers get-runtime-config')).out).toContain('clusterName')
    expect(await line('brokers get-all-dynamic-config')).toMatchObject(done)
  })

  test('a dry run says what would be sent, and sends nothing', async () => {
    const topic = await newTopic()
    await admin.subscriptions.create(topic, 's', 'earliest')
    await publish(topic, ['one'])
    const { code, out } = await line(`topics clear-backlog -s s ${topic} --dry-run`)
    const path = topic.replace('://', '/')
    expect({ code, out }).toEqual({
      code: 0,
      out: `would skip all that waits for s on ${topic}:\nPOST ${url}/admin/v2/${path}/subscription/s/skip_all`,
    })
    expect(await backlog(topic)).toBe(1)
    const retention = `namespaces set-retention -s 1G -t 3d ${topic.split('/').slice(2, 4).join('/')}`
    expect((await line(`${retention} --dry-run`)).out).toContain(
      '{"retentionSizeInMB":1024,"retentionTimeInMinutes":4320}',
    )
  })

  test('a change asks, and is made only when somebody says yes', async () => {
    const topic = await newTopic()
    const asked: string[] = []
    const person = (yes: boolean) =>
      adminCommand({ PULSAR_ADMIN_URL: url }, async (question) => {
        asked.push(question)
        return yes
      })
    const drop = (who: typeof run): Promise<Said> => who('topics', 'delete', topic)
    expect(await drop(run)).toMatchObject({ code: 2, error: expect.stringContaining('--yes') })
    expect(await drop(person(false))).toMatchObject({ code: 1, out: '' })
    expect(await admin.topics.stats(topic)).toHaveProperty('msgInCounter')
    expect(await drop(person(true))).toMatchObject(done)
    expect(asked[1]).toBe(`delete topic ${topic} with all its messages?`)
    expect(await line(`topics stats ${topic}`)).toMatchObject({ code: 3 })
  })

  test('what is not there is exit code 3 and named, before anybody is asked', async () => {
    const topic = await newTopic()
    const missing = topic.replace(/t$/, 'other')
    for (const words of ['stats', 'unload', 'skip -n 1 -s s', 'peek-messages -s s', 'delete']) {
      const { code, error } = await line(`topics ${words} ${missing}`)
      expect({ code, error }).toMatchObject({ code: 3, error: expect.stringContaining(missing) })
    }
    await admin.subscriptions.create(topic, 'there')
    for (const words of ['skip -n 1', 'peek-messages', 'unsubscribe', 'reset-cursor -t 1h']) {
      const { code, error } = await line(`topics ${words} -s s ${topic}`)
      expect({ code, error }).toMatchObject({
        code: 3,
        error: expect.stringContaining('no subscription s; it has: there'),
      })
    }
    // Pulsar makes one for whoever peeks.
    expect(await admin.subscriptions.list(topic)).toEqual(['there'])
    expect(await line(`namespaces policies nobody/nothing`)).toMatchObject({ code: 3 })
    expect(await line(`namespaces unload nobody/nothing --yes`)).toMatchObject({ code: 3 })
  })

  test('a partitioned topic where one partition is meant is exit code 4 and says what to name', async () => {
    const topic = await newTopic(2)
    for (const words of ['stats', 'last-message-id', 'stats-internal']) {
      expect(await line(`topics ${words} ${topic}`)).toMatchObject({
        code: 4,
        error: expect.stringContaining(`${topic}-partition-0`),
      })
    }
  })
})

test.each([
  ['topics stats a/b', 'persistent://tenant/namespace/topic'],
  ['topics skip -n -1 -s s a/b/t', '-n, --count'],
  ['topics skip -n 1 a/b/t', '-s, --subscription'],
  ['topics peek-messages -n 0 -s s a/b/t', 'from 1 to 1000'],
  ['topics reset-cursor -s s a/b/t', 'one of --time and --messageId'],
  ['topics reset-cursor -s s -t 1h -m latest a/b/t', 'one of --time and --messageId'],
  ['topics stats --output xml a/b/t', 'table, json, yaml'],
  ['topics nonsense', 'nonsense'],
  ['topics list --dry-run a/b', '--dry-run'],
  ['namespaces set-message-ttl -ttl -5 a/b', '10m'],
  ['namespaces set-deduplication a/b', 'one of --enable and --disable'],
  ['namespaces set-retention -s 1000 -t 1h a/b', 'less than 1M'],
])('%s is exit code 2 and asks nobody', async (text, said) => {
  const [group, ...words] = text.split(' ')
  const run = adminCommand({ PULSAR_ADMIN_URL: 'http://127.0.0.1:1' })
  const { code, error } = await run(group as Parameters<typeof run>[0], ...words)
  expect({ code, error }).toMatchObject({ code: 2, error: expect.stringContaining(said) })
})

test('a broker that is away is exit code 1, with its address and the setting that says it', async () => {
  const run = adminCommand({ PULSAR_ADMIN_URL: 'http://127.0.0.1:1' })
  const { code, error } = await run('tenants', 'list')
  expect(code).toBe(1)
  expect(error).toContain('no answer from http://127.0.0.1:1')
  expect(error).toContain('PULSAR_ADMIN_URL')
  expect(await run('brokers', 'healthcheck')).toMatchObject({ code: 1, out: '' })
})
