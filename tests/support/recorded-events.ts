import { events } from '../../shared/contracts/topology.ts'
import type { Delivery } from '../../shared/delivery/work.ts'
import { sealUserKey } from '../../shared/kernel/credentials.ts'
import { derivedId, newId } from '../../shared/kernel/ids.ts'
import { newKey, seal } from '../../shared/kernel/sealing.ts'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import type { Queryable } from '../../shared/postgres/database.ts'

/** Zeros: a key of the right form that nobody mistakes for a secret. */
export const credentialKey = Buffer.alloc(32).toString('base64url')

export const minute = (n: number): string => new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString()

export const envelopeOf = (
  name: keyof typeof events,
  subject: string,
  sequence: number,
  data: object,
): Envelope => ({
  id: derivedId(subject, String(sequence)),
  type: events[name].type,
  source: 'aeroalpes/tests',
  time: minute(sequence),
  subject,
  sequence,
  correlationId: subject,
  data,
})

export const deliveryOf = (envelope: Envelope): Delivery => ({
  id: envelope.id,
  key: envelope.subject,
  envelope,
  attempts: 1,
  message: {
    id: envelope.id,
    topic: events.ReservationCreated.topic,
    partition: 0,
    key: envelope.subject,
    payload: new Uint8Array(),
    properties: {},
    publishTime: new Date(envelope.time),
    redeliveryCount: 0,
  },
})

const airport = (code: string) => ({ code, name: `Airport ${code}` })
const leg = {
  departure: '2026-02-01T13:10:00Z',
  arrival: '2026-02-01T18:10:00Z',
  origin: airport('BOG'),
  destination: airport('JFK'),
}

export const created = (reservation_id: string, client_id: string | null = null): Envelope =>
  envelopeOf('ReservationCreated', reservation_id, 1, {
    reservation_id,
    client_id,
    passengers: [{ type: 'adult', class: 'economy' }],
    itineraries: [{ odos: [{ segments: [{ legs: [leg] }] }] }],
    trip_type: 'ONE_WAY',
    route: 'BOG-JFK',
    created_at: minute(0),
  })

/** A reservation that was created, approved, paid and cancelled. */
export const reservationHistory = (reservation_id = newId()): readonly Envelope[] => [
  created(reservation_id),
  envelopeOf('ReservationApproved', reservation_id, 2, { reservation_id }),
  envelopeOf('ReservationPaid', reservation_id, 3, { reservation_id, payment_method: null }),
  envelopeOf('ReservationCancelled', reservation_id, 4, { reservation_id, reason: 'ill' }),
]

export interface Person {
  readonly id: string
  readonly key: string
  readonly email: string
}

export const person = (email = 'Ana@Example.com'): Person => ({ id: newId(), key: newKey(), email })

const sealedPersonal = ({ id, key, email }: Person) =>
  seal(key, JSON.stringify({ first_name: 'Ana', last_name: 'Ruiz', email }), id)

export const registered = (who: Person): Envelope =>
  envelopeOf('UserRegistered', who.id, 1, {
    user_id: who.id,
    kind: 'person',
    locale: 'es-CO',
    email_digest: 'digest',
    personal: sealedPersonal(who),
    registered_at: minute(0),
  })

/** What the write side keeps of a person's key. */
export const keepKey = async (writeSide: Queryable, { id, key }: Person): Promise<void> => {
  await writeSide.query(
    'INSERT INTO write.user_keys (id, version, sealed_key) VALUES ($1::uuid, 1, $2)',
    [id, sealUserKey(credentialKey, key, id)],
  )
}

/** A person as the write side knows them once they have registered. */
export const keepUser = async (writeSide: Queryable, who: Person): Promise<void> => {
  await keepKey(writeSide, who)
  await writeSide.query(
    `INSERT INTO write.users VALUES
     ($1::uuid, 'REGISTERED', 1, 'person', 'es-CO', 'digest', 'hash', $2, now(), now())`,
    [who.id, sealedPersonal(who)],
  )
}
