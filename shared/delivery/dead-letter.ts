import { deadLetterTopic } from '../contracts/topology.ts'
import type { OutboxEntry } from './outbox.ts'
import type { Arrival, Fault } from './arrival.ts'

/**
 * The copy of a given-up message for `deadLetterTopic(subscription)`: payload and properties as they
 * were (so also its correlation id), where it came from under the names that Pulsar's own dead
 * letters use, and why.
 */
export const deadLetterCopy = (
  subscription: string,
  arrival: Arrival,
  why: Fault & { readonly attempts: number; readonly epoch: number },
): OutboxEntry => ({
  topic: deadLetterTopic(subscription),
  message: {
    key: arrival.key,
    payload: arrival.message.payload,
    properties: {
      ...arrival.message.properties,
      REAL_TOPIC: arrival.message.topic,
      REAL_SUBSCRIPTION: subscription,
      ORIGIN_MESSAGE_ID: arrival.message.id,
      ce_error: why.detail,
      ce_errorslug: why.slug,
      ce_attempts: String(why.attempts),
      ce_redrives: String(why.epoch),
    },
    ...(arrival.message.eventTime ? { eventTime: arrival.message.eventTime } : {}),
  },
})
