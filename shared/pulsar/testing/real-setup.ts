import type { PulsarAdmin } from '../admin/admin.ts'
import type { Client } from '../client.ts'
import { earliest } from '../message-id.ts'

export const bytesOf = (text: string) => new TextEncoder().encode(text)
export const numbers = (count: number) => [...Array(count).keys()]

/** The texts stored in a topic, oldest first. */
export const storedTexts = async (client: Client, topic: string): Promise<readonly string[]> => {
  const reader = await client.createReader({ topic, startMessageId: earliest })
  const stored: string[] = []
  while (await reader.hasNext())
    stored.push(new TextDecoder().decode((await reader.readNext(10_000)).getData()))
  await reader.close()
  return stored
}

/** Who publishes to a topic, as the broker sees it. */
export const publishersOf = async (admin: PulsarAdmin, topic: string) => {
  const { publishers } = await admin.topics.stats(topic)
  if (publishers.length === 0) throw new Error(`nobody publishes to ${topic}`)
  return publishers
}
