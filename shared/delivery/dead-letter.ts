import { deadLetterTopic } from '../contracts/topology.ts'
import type { ReceivedMessage } from '../messaging/port.ts'
import type { Arrival, Fault } from './arrival.ts'
import type { OutboxEntry } from './outbox.ts'

/**
 * The copy of a given-up message for `deadLetterTopic(subscription)`: payload and properties as they
 * were (so also its correlation id), where it came from under the names that Pulsar's own dead
 * letters use, and why.
 */
export const deadLetterCopy = (
  subscription: string,
  arrival: Arrival,
  why: Fault & { readonly attempts: number; readonly epoch: number },
): OutboxEntry =>
  copyOf(subscription, arrival, {
    ce_error: why.detail,
    ce_errorslug: why.slug,
    ce_attempts: String(why.attempts),
    ce_redrives: String(why.epoch),
  })

/** The same of one that was discarded, which says so: all that is left of it. */
export const discardedCopy = (
  subscription: string,
  letter: { readonly key: string; readonly message: ReceivedMessage },
  reason: string,
): OutboxEntry => copyOf(subscription, letter, { ce_discarded: reason })

const copyOf = (
  subscription: string,
  { key, message }: { readonly key: string; readonly message: ReceivedMessage },
  more: Readonly<Record<string, string>>,
): OutboxEntry => ({
  topic: deadLetterTopic(subscription),
  message: {
    key,
    payload: message.payload,
    properties: {
      ...message.properties,
      REAL_TOPIC: message.topic,
      REAL_SUBSCRIPTION: subscription,
      ORIGIN_MESSAGE_ID: message.id,
      ...more,
    },
    ...(message.eventTime ? { eventTime: message.eventTime } : {}),
  },
})
