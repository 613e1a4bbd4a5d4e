import { events } from '../shared/contracts/topology.ts'
import { contractReader, upcastData } from '../shared/contracts/upcasting.ts'
import { Poison } from '../shared/kernel/fates.ts'
import type { LoggedEvent } from './event-log.ts'

/** An event in CloudEvents' JSON format (https://github.com/cloudevents/spec, json-format 1.0). */
export interface CloudEvent {
  readonly specversion: '1.0'
  readonly id: string
  readonly source: string
  readonly type: string
  readonly subject: string
  readonly time: string
  readonly datacontenttype: 'application/json'
  readonly correlationid: string
  readonly causationid: string
  /** Of the aggregate after it. */
  readonly sequence: number
  readonly traceparent?: string
  /** The type in which it is stored, where that is of an earlier version. */
  readonly storedtype?: string
  /** Why it is shown as it is stored: nothing here can read it. */
  readonly unreadable?: string
  readonly data: unknown
}

const reader = contractReader(Object.values(events))

/** What the log has, in the form of today. What is sealed stays sealed. */
export const cloudEventOf = (row: LoggedEvent): CloudEvent => {
  const { data, ...today } = asToday(row)
  return {
    specversion: '1.0',
    id: row.id,
    source: `/aeroalpes/${row.stream_module}`,
    subject: row.stream_id,
    time: row.time.toISOString(),
    datacontenttype: 'application/json',
    correlationid: row.correlation_id,
    causationid: row.causation_id,
    sequence: row.version,
    ...(row.traceparent === null ? {} : { traceparent: row.traceparent }),
    ...today,
    data,
  }
}

const asToday = ({ type, data }: LoggedEvent) => {
  try {
    const found = reader.find(type)
    if (!found || found.version === found.contract.version) return { type, data }
    return { type: found.contract.type, storedtype: type, data: upcastData(found, data) }
  } catch (error) {
    if (error instanceof Poison) return { type, unreadable: error.message, data }
    throw error
  }
}
