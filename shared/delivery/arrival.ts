import { Poison } from '../kernel/fates.ts'
import { fromMessage, type Envelope } from '../messaging/envelope.ts'
import type { ReceivedMessage } from '../messaging/port.ts'
import { storable } from './storable.ts'
import type { Delivery } from './work.ts'

/** Why a message is not given to the handler at all. */
export interface Fault {
  readonly slug: string
  readonly detail: string
}

/** A message as it came: readable or not, but always with an id and a key of its own. */
export interface Arrival {
  readonly id: string
  readonly key: string
  readonly message: ReceivedMessage
  readonly envelope?: Envelope
  readonly fault?: Fault
}

/**
 * Reads a message. What cannot be read is known by its place in its topic, so that it too is parked
 * once; without a key it is a key of its own.
 */
export const toArrival = (message: ReceivedMessage, maxAgeMs = Infinity): Arrival => {
  const id = storable(message.properties['ce_id'] || `${message.topic} ${message.id}`)
  const arrival = { id, key: storable(message.key) || id, message }
  const age = Date.now() - message.publishTime.getTime()
  try {
    const envelope = fromMessage(message)
    return age <= maxAgeMs
      ? { ...arrival, envelope }
      : { ...arrival, envelope, fault: expired(age) }
  } catch (error) {
    if (!(error instanceof Poison)) throw error
    return { ...arrival, fault: { slug: error.slug, detail: error.message } }
  }
}

const expired = (ageMs: number): Fault => ({
  slug: 'message-expired',
  detail: `published ${Math.round(ageMs / 3_600_000)} hours ago, longer than repeats are remembered`,
})

/** What the handler gets to see; undefined for a message that cannot be read. */
export const toDelivery = (arrival: Arrival, attempts: number): Delivery | undefined =>
  arrival.envelope && {
    id: arrival.id,
    key: arrival.key,
    envelope: arrival.envelope,
    message: arrival.message,
    attempts,
  }
