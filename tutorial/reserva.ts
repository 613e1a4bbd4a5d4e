import { z } from 'zod'

const instant = z.iso
  .datetime()
  .meta({ description: '%Y-%m-%dT%H:%M:%SZ', example: '2022-11-22T13:10:00Z' })
const aeropuerto = z.object({ codigo: z.string().min(1), nombre: z.string() })
const leg = z.object({
  fecha_salida: instant,
  fecha_llegada: instant,
  origen: aeropuerto,
  destino: aeropuerto,
  numero_vuelo: z.string().optional(),
})
const itinerario = z.object({
  odos: z.array(z.object({ segmentos: z.array(z.object({ legs: z.array(leg) })) })),
})
const pasajero = z.object({
  tipo: z.enum(['adulto', 'menor', 'infante']),
  clase: z.enum(['economica', 'premium', 'ejecutiva', 'primera']),
})

/**
 * What the tutorial's clients send. Fields that are not known are let through, as theirs does: its own
 * bodies repeat what they have read (id, dates).
 */
export const nuevaReserva = z
  .object({
    id_cliente: z.string().optional(),
    pasajeros: z.array(pasajero).optional(),
    itinerarios: z.array(itinerario),
  })
  .meta({ id: 'NuevaReserva' })

/** What they read. */
export const reserva = z
  .object({
    fecha_creacion: instant,
    fecha_actualizacion: instant,
    id: z.string(),
    itinerarios: z.array(itinerario),
  })
  .meta({ id: 'Reserva' })

export type NuevaReserva = z.output<typeof nuevaReserva>
export type Reserva = z.output<typeof reserva>
export type Itinerario = z.output<typeof itinerario>
export type Pasajero = z.output<typeof pasajero>

export const ejemplo: NuevaReserva = {
  itinerarios: [
    {
      odos: [
        {
          segmentos: [
            {
              legs: [
                {
                  fecha_salida: '2022-11-22T13:10:00Z',
                  fecha_llegada: '2022-11-22T15:10:00Z',
                  origen: { codigo: 'BOG', nombre: 'El Dorado' },
                  destino: { codigo: 'JFK', nombre: 'John F. Kennedy' },
                },
              ],
            },
          ],
        },
      ],
    },
  ],
}
