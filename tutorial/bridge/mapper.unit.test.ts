import { describe, expect, test } from 'bun:test'
import { CreateReservation, reservationEvents } from '../../shared/contracts/reservations.ts'
import { Poison } from '../../shared/kernel/fates.ts'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import { toAtributos, toCreateReservation, toEvento } from './mapper.ts'

const event = (data: object): Envelope => ({
  id: 'e1',
  type: reservationEvents.ReservationCreated.type,
  source: 'urn:aeroalpes:command-worker',
  time: '2026-01-02T03:04:05.678Z',
  subject: 'r1',
  correlationId: 'c1',
  data,
})
const created = {
  reservation_id: '0197f1aa-0000-7d3a-8b9e-3a4b5c6d7e8f',
  client_id: null,
  passengers: [],
  itineraries: [],
  trip_type: null,
  route: null,
  created_at: '2026-01-02T03:04:05.678Z',
}

describe('what the neighbours hear', () => {
  test('is the reservation in their words, its time in milliseconds', () => {
    expect(toEvento(event(created))).toEqual({
      data: {
        id_reserva: created.reservation_id,
        id_cliente: null,
        estado: 'PENDIENTE',
        fecha_creacion: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
      },
    })
  })

  test('is nothing of other events, and no newer version is taken for one of those', () => {
    const other = { ...event(created), type: reservationEvents.ReservationPaid.type }
    expect(toEvento(other)).toBeUndefined()
    const newer = { ...event(created), type: 'aeroalpes.reservations.ReservationCreated.v2' }
    expect(() => toEvento(newer)).toThrow('newer than version 1')
  })

  test('carries the attributes of the event as properties', () => {
    const now = new Date('2026-01-02T03:05:00Z')
    expect(toAtributos(event(created), now)).toMatchObject({
      id: 'e1',
      time: String(Date.UTC(2026, 0, 2, 3, 4, 5, 678)),
      ingestion: String(now.getTime()),
    })
  })

  test('is nothing when the event cannot be read', () => {
    const { created_at: _, ...unfinished } = created
    expect(() => toEvento(event(unfinished))).toThrow(Poison)
    expect(() => toEvento(event(unfinished))).toThrow('/created_at')
  })
})

describe('what a ComandoCrearReserva asks for', () => {
  const comando = { data: { id_usuario: 'ana' } }
  const time = new Date('2026-01-02T03:04:05Z')

  test('is a reservation of its user without itineraries', () => {
    const { data, subject, type } = toCreateReservation(comando, '1:2:-1', time)
    expect(CreateReservation.schema.parse(data)).toMatchObject({
      client_id: 'ana',
      itineraries: [],
    })
    expect({ subject, type }).toEqual({
      subject: data.reservation_id,
      type: CreateReservation.type,
    })
  })

  test('is the same command and reservation however often the message comes', () => {
    const first = toCreateReservation(comando, '1:2:-1', time)
    expect(toCreateReservation(comando, '1:2:-1', time)).toEqual(first)
    const other = toCreateReservation(comando, '1:3:-1', time)
    expect(other.id).not.toBe(first.id)
    expect(other.subject).not.toBe(first.subject)
  })

  test('is another one from a Pulsar that counts its messages anew', () => {
    const first = toCreateReservation(comando, '1:2:-1', time)
    const again = toCreateReservation(comando, '1:2:-1', new Date('2026-02-02T03:04:05Z'))
    expect(again.id).not.toBe(first.id)
    expect(again.subject).not.toBe(first.subject)
  })

  test('names its user as our own edge would', () => {
    const id = '0197F1AA-0000-7D3A-8B9E-3A4B5C6D7E8F'
    const { data } = toCreateReservation({ data: { id_usuario: id } }, '1:2:-1', time)
    expect(data.client_id).toBe(id.toLowerCase())
    for (const wrong of [' ', 'a\u0000b', 'x'.repeat(201)])
      expect(() => toCreateReservation({ data: { id_usuario: wrong } }, '1:2:-1', time)).toThrow(
        '/data/id_usuario',
      )
  })

  test.each([{ data: null }, { data: { id_usuario: null } }, { data: { id_usuario: '' } }])(
    'may name nobody: %j',
    (empty) => {
      expect(toCreateReservation(empty, '1:2:-1', time).data).not.toHaveProperty('client_id')
    },
  )
})
