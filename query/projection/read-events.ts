import { blame } from '../../shared/delivery/failures.ts'
import { Poison } from '../../shared/kernel/fates.ts'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import type { EventContract } from '../../shared/contracts/contract.ts'
import type { Stream, StreamEvent } from './view.ts'

export interface EventReader {
  /**
   * The stream that an envelope belongs to, and the event in it. Throws `Poison`: `unknown-type`,
   * `unreadable-event`, or `event-without-sequence`.
   */
  read(envelope: Envelope): { readonly stream: Stream; readonly event: StreamEvent }
}

export function eventReader(streams: readonly Stream[]): EventReader {
  const known = new Map<string, { stream: Stream; contract: EventContract }>()
  for (const stream of streams)
    for (const contract of Object.values(stream.contracts))
      known.set(contract.type, { stream, contract })
  return {
    read(envelope) {
      const found = known.get(envelope.type)
      if (!found)
        throw blame(
          new Poison('unknown-type', `no view knows events of type ${envelope.type}`),
          envelope.id,
        )
      return { stream: found.stream, event: readEvent(found.contract, envelope) }
    },
  }
}

function readEvent(contract: EventContract, envelope: Envelope): StreamEvent {
  const { id, subject, sequence } = envelope
  if (!sequence)
    throw blame(
      new Poison('event-without-sequence', `event ${id} does not say which of ${subject} it is`),
      id,
    )
  const data = contract.schema.safeParse(envelope.data)
  if (!data.success)
    throw blame(
      new Poison('unreadable-event', `event ${id} is no ${contract.type}`, { cause: data.error }),
      id,
    )
  return {
    id,
    module: contract.module,
    name: contract.name,
    data: data.data as object,
    subject: subject.toLowerCase(),
    sequence,
    time: new Date(envelope.time),
  }
}
