import { createHash } from 'node:crypto'
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
 * once; without a key it is a key of its own. `maxAgeMs` counts from when it was sent (`ce_time`), if
 * that is longer ago than its publication: a sender's repeat is published anew under its old id.
 */
export const toArrival = (message: ReceivedMessage, maxAgeMs = Infinity): Arrival => {
  const given = storable(message.properties['ce_id'] || `${message.topic} ${message.id}`)
  const id = indexable(given)
  const arrival = { id, key: indexable(storable(message.key)) || id, message }
  if (id !== given) return { ...arrival, fault: longId }
  try {
    const envelope = fromMessage(message)
    const age = ageOf(message, envelope)
    return age <= maxAgeMs
      ? { ...arrival, envelope }
      : { ...arrival, envelope, fault: expired(age) }
  } catch (error) {
    if (!(error instanceof Poison)) throw error
    return { ...arrival, fault: { slug: error.slug, detail: error.message } }
  }
}

const ageOf = ({ publishTime }: ReceivedMessage, { time }: Envelope): number => {
  const sent = Date.parse(time)
  const published = publishTime.getTime()
  return Date.now() - (sent < published ? sent : published)
}

// An index of Postgres takes entries of up to a third of a page
// (https://www.postgresql.org/docs/18/btree.html#BTREE-STRUCTURE).
const longest = 500

const indexable = (text: string): string =>
  Buffer.byteLength(text) <= longest ? text : createHash('sha256').update(text).digest('hex')

const longId: Fault = {
  slug: 'unreadable-message',
  detail: `ce_id is longer than ${longest} bytes`,
}

const expired = (ageMs: number): Fault => ({
  slug: 'message-expired',
  detail: `sent ${Math.round(ageMs / 3_600_000)} hours ago, longer than repeats are remembered`,
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
