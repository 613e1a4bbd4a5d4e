import { expect } from 'bun:test'
import { type PulsarAdmin, pulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import { Client } from '../../shared/pulsar/client.ts'
import type { GroupName } from '../../cli/admin/groups.ts'
import { adminCommand, type Said } from './admin-command.ts'
import { newNamespace } from './pulsar-admin.ts'
import { testPulsar } from './pulsar.ts'

/** The command line for the Pulsar of this run, and what its tests look at from beside. */
export async function adminOnPulsar() {
  const { url, adminUrl } = await testPulsar()
  const admin: PulsarAdmin = pulsarAdmin({ url: adminUrl })
  const run = adminCommand({ PULSAR_ADMIN_URL: adminUrl })
  const line = (text: string): Promise<Said> => {
    const [group, ...words] = text.split(' ')
    return run(group as GroupName, ...words)
  }
  return {
    adminUrl,
    admin,
    run,
    /** The words of one command, blanks between them. */
    line,
    json: async (text: string): Promise<unknown> =>
      JSON.parse((await line(`${text} --output json`)).out),
    newTopic: async (partitions = 0): Promise<string> => {
      const topic = `persistent://${await newNamespace(admin)}/t`
      if (partitions > 0) await admin.topics.createPartitioned(topic, partitions)
      else await admin.topics.create(topic)
      return topic
    },
    /** Of the subscription `s`, in entries. */
    backlog: async (topic: string) =>
      (await admin.topics.stats(topic)).subscriptions['s']?.msgBacklog,
    /** What is sent at once is one batch. */
    publish: (topic: string, ...batches: readonly (readonly string[])[]) =>
      publish(url, topic, batches),
  }
}

export type AdminOnPulsar = Awaited<ReturnType<typeof adminOnPulsar>>

async function publish(
  serviceUrl: string,
  topic: string,
  batches: readonly (readonly string[])[],
): Promise<void> {
  const client = new Client({ serviceUrl })
  const producer = await client.createProducer({ topic, compressionType: 'LZ4' })
  for (const payloads of batches) {
    const sent = payloads.map((payload) =>
      producer.send({
        data: Buffer.from(payload),
        partitionKey: `key of ${payload}`,
        properties: { said: payload },
      }),
    )
    expect(await Promise.all(sent)).toHaveLength(payloads.length)
  }
  await client.close()
}
