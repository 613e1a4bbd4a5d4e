import { Poison } from '../kernel/fates.ts'
import type { OutgoingMessage, ReceivedMessage } from './port.ts'

/**
 * A CloudEvents 1.0 event in memory. Attributes as in the specification, extensions spelled out.
 * On the wire: binary content mode, attributes as message properties with the prefix `ce_`
 * (the Kafka protocol binding's form, which maps to Pulsar properties one to one).
 */
export interface Envelope<Data = unknown> {
  readonly id: string
  /** `aeroalpes.<module>.<Name>.v<N>` */
  readonly type: string
  readonly source: string
  /** ISO 8601, UTC. */
  readonly time: string
  /** Id of the aggregate; also the message key. */
  readonly subject: string
  readonly data: Data
  readonly correlationId: string
  readonly causationId?: string
  /** Version of the aggregate after this event. Events only. */
  readonly sequence?: number
  /** The version that the sender has seen (HTTP If-Match). Commands only. */
  readonly expectedVersion?: number
  /** Who sent it: the subject of the token, or absent for anybody. Commands only. */
  readonly owner?: string
  /** The sender's token says that they act for others. Commands only. */
  readonly agent?: true
  /** HMAC of the keyed HTTP request. Commands only. */
  readonly fingerprint?: string
  readonly traceparent?: string
  readonly tracestate?: string
}

const attributes = [
  ['id', 'ce_id'],
  ['type', 'ce_type'],
  ['source', 'ce_source'],
  ['time', 'ce_time'],
  ['subject', 'ce_subject'],
  ['correlationId', 'ce_correlationid'],
  ['causationId', 'ce_causationid'],
  ['sequence', 'ce_sequence'],
  ['expectedVersion', 'ce_expectedversion'],
  ['owner', 'ce_owner'],
  ['agent', 'ce_agent'],
  ['fingerprint', 'ce_fingerprint'],
  ['traceparent', 'traceparent'],
  ['tracestate', 'tracestate'],
] as const satisfies readonly (readonly [keyof Envelope, string])[]

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** The message that carries `envelope`: key = subject, payload = JSON of the data. */
export const toMessage = (envelope: Envelope): OutgoingMessage => {
  const properties: Record<string, string> = {
    ce_specversion: '1.0',
    'content-type': 'application/json',
  }
  for (const [field, name] of attributes) {
    const value = envelope[field]
    if (value !== undefined) properties[name] = String(value)
  }
  return {
    key: envelope.subject,
    payload: encoder.encode(JSON.stringify(envelope.data)),
    properties,
    eventTime: new Date(envelope.time),
  }
}

/** The envelope in a message. Throws `Poison` slug `unreadable-message`, naming what is missing or broken. */
export const fromMessage = (message: Pick<ReceivedMessage, 'payload' | 'properties'>): Envelope => {
  const { properties } = message
  const required = (name: string) => {
    const value = properties[name]
    if (!value) throw new Poison('unreadable-message', `the message has no property ${name}`)
    return value
  }
  return {
    id: required('ce_id'),
    type: required('ce_type'),
    source: required('ce_source'),
    time: required('ce_time'),
    subject: required('ce_subject'),
    correlationId: properties['ce_correlationid'] ?? required('ce_id'),
    data: parseData(message.payload),
    ...optionalText(properties),
    ...(properties['ce_agent'] === 'true' ? { agent: true } : {}),
    ...optionalNumber('sequence', properties['ce_sequence']),
    ...optionalNumber('expectedVersion', properties['ce_expectedversion']),
  }
}

const optionalText = (properties: Readonly<Record<string, string>>) => {
  const found: { -readonly [Field in TextExtension]?: string } = {}
  for (const field of textExtensions) {
    const value = properties[field.startsWith('trace') ? field : `ce_${field.toLowerCase()}`]
    if (value !== undefined) found[field] = value
  }
  return found
}

const textExtensions = ['causationId', 'owner', 'fingerprint', 'traceparent', 'tracestate'] as const
type TextExtension = (typeof textExtensions)[number]

const optionalNumber = (field: 'sequence' | 'expectedVersion', text: string | undefined) => {
  if (text === undefined) return {}
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0)
    throw new Poison(
      'unreadable-message',
      `ce_${field.toLowerCase()} is not a whole number: ${text}`,
    )
  return { [field]: value }
}

const parseData = (payload: Uint8Array): unknown => {
  try {
    return JSON.parse(decoder.decode(payload))
  } catch (cause) {
    throw new Poison('unreadable-message', 'the payload is not JSON in UTF-8', { cause })
  }
}
