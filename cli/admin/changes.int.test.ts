import { expect, test } from 'bun:test'
import { adminCommand, type Said } from '../../tests/support/admin-command.ts'
import { type AdminOnPulsar, adminOnPulsar } from '../../tests/support/admin-on-pulsar.ts'
import { beforePulsar, needsPulsar } from '../../tests/support/needs-pulsar.ts'

const done = { code: 0, error: '' }

needsPulsar('changes on a real Pulsar', () => {
  let pulsar: AdminOnPulsar

  beforePulsar(async () => {
    pulsar = await adminOnPulsar()
  })

  test('a dry run says what would be sent, and sends nothing', async () => {
    const topic = await pulsar.newTopic()
    await pulsar.admin.subscriptions.create(topic, 's', 'earliest')
    await pulsar.publish(topic, ['one'])
    const { code, out } = await pulsar.line(`topics clear-backlog -s s ${topic} --dry-run`)
    const path = topic.replace('://', '/')
    expect({ code, out }).toEqual({
      code: 0,
      out: `would skip all that waits for s on ${topic}:\nPOST ${pulsar.adminUrl}/admin/v2/${path}/subscription/s/skip_all`,
    })
    expect(await pulsar.backlog(topic)).toBe(1)
    const retention = `namespaces set-retention -s 1G -t 3d ${topic.split('/').slice(2, 4).join('/')}`
    expect((await pulsar.line(`${retention} --dry-run`)).out).toContain(
      '{"retentionSizeInMB":1024,"retentionTimeInMinutes":4320}',
    )
  })

  test('a change asks, and is made only when somebody says yes', async () => {
    const topic = await pulsar.newTopic()
    const asked: string[] = []
    const person = (yes: boolean) =>
      adminCommand({ PULSAR_ADMIN_URL: pulsar.adminUrl }, async (question) => {
        asked.push(question)
        return yes
      })
    const drop = (who: typeof pulsar.run): Promise<Said> => who('topics', 'delete', topic)
    expect(await drop(pulsar.run)).toMatchObject({
      code: 2,
      error: expect.stringContaining('--yes'),
    })
    expect(await drop(person(false))).toMatchObject({ code: 1, out: '' })
    expect(await pulsar.admin.topics.stats(topic)).toHaveProperty('msgInCounter')
    expect(await drop(person(true))).toMatchObject(done)
    expect(asked[1]).toBe(`delete topic ${topic} with all its messages?`)
    expect(await pulsar.line(`topics stats ${topic}`)).toMatchObject({ code: 3 })
  })

  test('what is not there is exit code 3 and named, before anybody is asked', async () => {
    const topic = await pulsar.newTopic()
    const missing = topic.replace(/t$/, 'other')
    for (const words of ['stats', 'unload', 'skip -n 1 -s s', 'peek-messages -s s', 'delete']) {
      const { code, error } = await pulsar.line(`topics ${words} ${missing}`)
      expect({ code, error }).toMatchObject({ code: 3, error: expect.stringContaining(missing) })
    }
    await pulsar.admin.subscriptions.create(topic, 'there')
    for (const words of ['skip -n 1', 'peek-messages', 'unsubscribe', 'reset-cursor -t 1h']) {
      const { code, error } = await pulsar.line(`topics ${words} -s s ${topic}`)
      expect({ code, error }).toMatchObject({
        code: 3,
        error: expect.stringContaining('no subscription s; it has: there'),
      })
    }
    // Pulsar makes one for whoever peeks.
    expect(await pulsar.admin.subscriptions.list(topic)).toEqual(['there'])
    expect(await pulsar.line(`namespaces policies nobody/nothing`)).toMatchObject({ code: 3 })
    expect(await pulsar.line(`namespaces unload nobody/nothing --yes`)).toMatchObject({ code: 3 })
  })

  test('a partitioned topic where one partition is meant is exit code 4 and says what to name', async () => {
    const topic = await pulsar.newTopic(2)
    for (const words of ['stats', 'last-message-id', 'stats-internal']) {
      expect(await pulsar.line(`topics ${words} ${topic}`)).toMatchObject({
        code: 4,
        error: expect.stringContaining(`${topic}-partition-0`),
      })
    }
  })
})
