import { deadLetterTopic, subscriptions } from '../../shared/contracts/topology.ts'
import type { Poison } from '../../shared/kernel/fates.ts'
import type { OutgoingMessage, Publisher } from '../../shared/messaging/port.ts'

export interface DeadLetter extends Pick<OutgoingMessage, 'key' | 'payload' | 'properties'> {
  readonly topic: string
  readonly subscription: string
  readonly id: string
}

/** Keeps a message that can be carried nowhere, with where it came from and why. */
export const putAside = async (
  publisher: Publisher,
  { topic, subscription, id, key, payload, properties }: DeadLetter,
  why: Poison,
): Promise<void> => {
  const origin = { REAL_TOPIC: topic, REAL_SUBSCRIPTION: subscription, ORIGIN_MESSAGE_ID: id }
  await publisher.publish(deadLetterTopic(subscriptions.bridge), {
    key,
    payload,
    properties: { ...properties, ...origin, ce_error: why.message, ce_errorslug: why.slug },
  })
}
