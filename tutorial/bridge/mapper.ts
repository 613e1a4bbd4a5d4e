import { type DataOf } from '../../shared/contracts/contract.ts'
import { CreateReservation, reservationEvents } from '../../shared/contracts/reservations.ts'
import { contractReader, readData } from '../../shared/contracts/upcasting.ts'
import { Poison } from '../../shared/kernel/fates.ts'
import { derivedId, isUuid } from '../../shared/kernel/ids.ts'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import type { ComandoCrearReserva, EventoReservaCreada } from './neighbours.ts'

const reader = contractReader([reservationEvents.ReservationCreated])

/**
 * What a neighbour reads of a reservation that was created; undefined of any other event. Throws
 * `Poison` naming the field, and for a newer version of the event: a newer build can translate it.
 */
export const toEvento = ({ type, data }: Envelope): EventoReservaCreada | undefined => {
  const found = reader.find(type)
  if (!found) return undefined
  const read = readData(found, data)
  if (!read.success) throw unreadable('ReservationCreated', read.error.issues[0])
  const { reservation_id, client_id, created_at } = read.data
  return {
    data: {
      id_reserva: reservation_id,
      id_cliente: client_id,
      estado: 'PENDIENTE',
      fecha_creacion: Date.parse(created_at),
    },
  }
}

/** The attributes that the tutorial gives to each of its messages, as properties. Times in ms since 1970. */
export const toAtributos = (event: Envelope, now: Date): Readonly<Record<string, string>> => ({
  id: event.id,
  time: String(Date.parse(event.time)),
  ingestion: String(now.getTime()),
  specversion: '1.0',
  type: 'EventoReservaCreada',
  datacontenttype: 'AVRO',
  service_name: 'aeroalpes',
})

/**
 * The command that a neighbour's message stands for. `messageId` is where Pulsar keeps it, `time` when
 * it was stored: the same message makes the same command and reservation, however often it comes.
 * Throws `Poison` for a user who could not be asked for later.
 */
export const toCreateReservation = (
  { data: payload }: ComandoCrearReserva,
  messageId: string,
  time: Date,
): Envelope<DataOf<typeof CreateReservation>> => {
  const userId = payload?.id_usuario || undefined
  // A Pulsar whose data was thrown away counts its messages anew.
  const place = [messageId, time.toISOString()]
  const data = {
    reservation_id: derivedId('comandos-reserva', 'reservation', ...place),
    ...(userId === undefined ? {} : { client_id: clientId(userId) }),
    itineraries: [],
  }
  const commandId = derivedId('comandos-reserva', 'command', ...place)
  return {
    id: commandId,
    type: CreateReservation.type,
    source: 'urn:aeroalpes:tutorial-bridge',
    time: time.toISOString(),
    subject: data.reservation_id,
    correlationId: commandId,
    data,
  }
}

/** As the HTTP edge takes it. Longer ones would not fit into the index of the view. */
const clientId = (text: string): string => {
  if (text.length > 200 || !/\S/.test(text) || /\p{Cc}/u.test(text))
    throw unreadable('ComandoCrearReserva', {
      path: ['data', 'id_usuario'],
      message: 'up to 200 characters, not blank, without control characters',
    })
  return isUuid(text) ? text.toLowerCase() : text
}

const unreadable = (
  name: string,
  issue?: { readonly path: readonly PropertyKey[]; readonly message: string },
) =>
  new Poison(
    'unreadable-message',
    `${name} at /${issue?.path.join('/') ?? ''}: ${issue?.message ?? 'not readable'}`,
  )
