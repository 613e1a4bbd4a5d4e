import { blame } from '../../shared/delivery/failures.ts'
import { Poison } from '../../shared/kernel/fates.ts'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import type { EventContract } from '../../shared/contracts/contract.ts'
import { contractReader, readData, type Versioned } from '../../shared/contracts/upcasting.ts'
import type { Stream, StreamEvent } from './view.ts'

export interface EventReader {
  /**
   * The stream that an envelope belongs to, and the event in it, of whatever version, as of today.
   * Throws `Poison`: `unknown-type`, `unknown-version` for one of a version that is newer,
   * `unreadable-event`, or `event-without-sequence`.
   */
  read(envelope: Envelope): { readonly stream: Stream; readonly event: StreamEvent }
}

export function eventReader(streams: readonly Stream[]): EventReader {
  const streamOf = new Map<EventContract, Stream>()
  for (const stream of streams)
    for (const contract of Object.values(stream.contracts)) streamOf.set(contract, stream)
  const reader = contractReader([...streamOf.keys()])
  const find = ({ id, type }: Envelope) => {
    try {
      const found = reader.find(type)
      const stream = found && streamOf.get(found.contract)
      if (stream) return { stream, found }
      throw new Poison('unknown-type', `no view knows events of type ${type}`)
    } catch (error) {
      throw blame(error, id)
    }
  }
  return {
    read(envelope) {
      const { stream, found } = find(envelope)
      return { stream, event: readEvent(found, envelope) }
    },
  }
}

function readEvent(found: Versioned<EventContract>, envelope: Envelope): StreamEvent {
  const { contract } = found
  const { id, subject, sequence } = envelope
  if (!sequence)
    throw blame(
      new Poison('event-without-sequence', `event ${id} does not say which of ${subject} it is`),
      id,
    )
  const data = readData(found, envelope.data)
  if (!data.success)
    throw blame(
      new Poison('unreadable-event', `event ${id} is no ${envelope.type}`, { cause: data.error }),
      id,
    )
  return {
    id,
    module: contract.module,
    type: contract.type,
    name: contract.name,
    data: data.data as object,
    subject: subject.toLowerCase(),
    sequence,
    time: new Date(envelope.time),
    correlationId: envelope.correlationId,
    causationId: envelope.causationId ?? null,
  }
}
