/**
 * What the tutorial's other services speak: their topics, and the Avro schemas that their Python
 * clients register (pulsar-client leaves inherited fields out, so only `data` is in them).
 */

const nullable = (type: unknown) => ['null', type]
const record = (name: string, fields: Readonly<Record<string, unknown>>) => ({
  type: 'record',
  name,
  fields: Object.entries(fields).map(([field, type]) => ({ name: field, type: nullable(type) })),
})

/** Every reservation that was created; read by the notifications service and the BFF. */
export const eventosReserva = {
  topic: 'persistent://public/default/eventos-reserva',
  schema: record('EventoReservaCreada', {
    data: record('ReservaCreadaPayload', {
      id_reserva: 'string',
      id_cliente: 'string',
      estado: 'string',
      fecha_creacion: 'long',
    }),
  }),
} as const

/** Reservations that a neighbour asks for; read under the name that the tutorial's service used. */
export const comandosReserva = {
  topic: 'persistent://public/default/comandos-reserva',
  subscription: 'aeroalpes-sub-comandos',
  schema: record('ComandoCrearReserva', {
    data: record('ComandoCrearReservaPayload', { id_usuario: 'string' }),
  }),
} as const

export interface EventoReservaCreada {
  readonly data: {
    readonly id_reserva: string
    readonly id_cliente: string | null
    readonly estado: 'PENDIENTE'
    /** Milliseconds since 1970. */
    readonly fecha_creacion: number
  }
}

export interface ComandoCrearReserva {
  readonly data: { readonly id_usuario: string | null } | null
}
