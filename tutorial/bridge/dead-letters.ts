import { deadLetterTopic, subscriptions } from '../../shared/contracts/topology.ts'
import { Invalid, type Poison } from '../../shared/kernel/fates.ts'
import type { OutgoingMessage, Publisher } from '../../shared/messaging/port.ts'

export interface DeadLetter extends Pick<OutgoingMessage, 'key' | 'payload' | 'properties'> {
  readonly topic: string
  readonly subscription: string
  readonly id: string
}

/** Of a message that with all we say about it is larger than the broker takes, this much is kept. */
const cutAt = 1024 * 1024

/** Keeps a message that can be carried nowhere, with where it came from and why. */
export const putAside = async (
  publisher: Publisher,
  { topic, subscription, id, key, payload, properties }: DeadLetter,
  why: Poison,
): Promise<void> => {
  const to = deadLetterTopic(subscriptions.bridge)
  const about = {
    REAL_TOPIC: topic,
    REAL_SUBSCRIPTION: subscription,
    ORIGIN_MESSAGE_ID: id,
    ce_error: why.message,
    ce_errorslug: why.slug,
  }
  try {
    await publisher.publish(to, { key, payload, properties: { ...properties, ...about } })
  } catch (error) {
    if (!(error instanceof Invalid)) throw error
    const cut = { ...about, cut_from_bytes: String(payload.byteLength) }
    await publisher.publish(to, { key: id, payload: payload.subarray(0, cutAt), properties: cut })
  }
}
