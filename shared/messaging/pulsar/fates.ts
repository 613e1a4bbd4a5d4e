import { type Fate, Invalid, Misuse, Transient } from '../../kernel/fates.ts'
import { PulsarAdminError } from '../../pulsar/admin/errors.ts'
import { PulsarError, type PulsarErrorCode } from '../../pulsar/errors.ts'

/** `Transient` slug `broker-unavailable`; with `sendBegan` the message may have been stored after all. */
export class BrokerAway extends Transient {
  readonly sendBegan: boolean

  constructor(what: string, sendBegan = false, cause?: unknown) {
    super('broker-unavailable', what, { cause })
    this.sendBegan = sendBegan
  }
}

/** The port's error for everything that waits for a broker that is away. */
export const brokerAway = (cause: unknown): BrokerAway =>
  new BrokerAway(`Pulsar does not answer: ${messageOf(cause)}`, false, cause)

type Make = (topic: string, error: Error) => Fate

/**
 * Who may not, and what cannot be, is `Misuse`: no repetition helps, so a role that starts with a
 * wrong token ends with this message.
 */
const misuse =
  (slug: string, advice: string): Make =>
  (topic, error) =>
    new Misuse(slug, `${topic}: ${error.message} ${advice}`, { cause: error })

const unknownTopic: Make = (topic, cause) =>
  new Misuse(
    'unknown-topic',
    `there is no topic ${topic}: ./aero topology apply creates those of the contracts`,
    { cause },
  )

const unauthenticated = misuse(
  'broker-authentication',
  'Pulsar does not know this token: check PULSAR_TOKEN or PULSAR_TOKEN_FILE.',
)
const unauthorized = misuse('broker-authorization', 'Grant this to the role of the token.')

const fates: Readonly<Partial<Record<PulsarErrorCode, Make>>> = {
  'topic-not-found': unknownTopic,
  'invalid-topic-name': misuse('invalid-topic-name', ''),
  'consumer-busy': (topic, cause) =>
    new Transient('subscription-busy', `${topic}: ${cause.message}`, { cause }),
  'producer-busy': (topic, cause) =>
    new Transient('publisher-busy', `${topic} is held by a fenced publisher`, { cause }),
  'producer-fenced': (topic) => fenced(topic),
  'message-too-big': (topic, { message }) =>
    new Invalid(`${topic}: ${message}`, [], 'message-too-large'),
  'incompatible-schema': misuse('incompatible-schema', 'See ./aero schema check.'),
  authentication: unauthenticated,
  authorization: unauthorized,
  closed: misuse('broker-closed', ''),
}

/** Another fenced publisher writes there now. */
export const fenced = (topic: string): Transient =>
  new Transient('fenced', `${topic}: another fenced publisher has taken it over`)

/**
 * The port's error for what the client or the admin interface threw. `topic` is what was worked on;
 * `sendBegan`: whether a message may have left. A `Fate` stays what it is.
 */
export const fateOf = (thrown: unknown, topic: string, sendBegan = false): Error => {
  if (thrown instanceof PulsarAdminError) return adminFate(thrown, topic)
  if (!(thrown instanceof PulsarError))
    return thrown instanceof Error ? thrown : new Error(String(thrown))
  const make = fates[thrown.code]
  if (make) return make(topic, thrown)
  if (thrown.retriable)
    return new BrokerAway(`${topic}: ${thrown.message}`, sendBegan && began(thrown), thrown)
  return misuse('broker-refused', '')(topic, thrown)
}

const began = ({ code }: PulsarError) => code !== 'queue-full'

const adminFate = (error: PulsarAdminError, topic: string): Error => {
  if (error.retriable) return brokerAway(error)
  if (error.kind === 'not-found') return unknownTopic(topic, error)
  if (error.kind === 'unauthorised')
    return (error.status === 401 ? unauthenticated : unauthorized)(topic, error)
  return misuse('broker-refused', '')(topic, error)
}

const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause))
