import type { Context } from 'hono'
import { z } from 'zod'
import type { EdgeEnv } from '../shared/http/edge-env.ts'
import { problem } from '../shared/http/problem.ts'
import { type Route, route } from '../shared/http/route.ts'
import { isUuid } from '../shared/kernel/ids.ts'
import { errorForm, ruleBroken, spanish } from './errors.ts'
import { toNewReservation, toReserva } from './mapper.ts'
import { type NuevaReserva, ejemplo, nuevaReserva, reserva } from './reserva.ts'
import { brokenRule } from './rules.ts'
import type { Accepted, PassedOn, Upstream } from './upstream.ts'
import { awaitReservation } from './await-reservation.ts'

const aceptado = {
  description: 'El comando está guardado y se ejecutará',
  schema: z
    .object({
      command_id: z.string(),
      status: z.string(),
      id: z.string(),
      href: z.string(),
      status_url: z.string(),
    })
    .meta({ id: 'ComandoAceptado' }),
  headers: { location: 'el recibo del comando', 'retry-after': 'segundos' },
}
const leida = { description: 'La reserva', schema: reserva }
const body = { schema: nuevaReserva, example: ejemplo, messages: spanish }
const common = { tags: ['vuelos'], errorForm } as const

/** The tutorial's routes, over the two sides of the system. */
export const vuelosRoutes = (system: Upstream): readonly Route[] => [
  route({
    ...common,
    method: 'post',
    path: '/vuelos/reserva-comando',
    operationId: 'reservarAsincrona',
    summary: 'Crea una reserva de forma asíncrona',
    body,
    answers: { 202: aceptado },
    problems: ['broker-unavailable'],
    handle: async (c, input) => answerAccepted(await create(c, system, input.body)),
  }),
  route({
    ...common,
    method: 'post',
    path: '/vuelos/reserva',
    operationId: 'reservar',
    summary: 'Crea una reserva y espera hasta que se pueda leer, 10 s como máximo',
    body,
    answers: { 200: leida, 202: { ...aceptado, description: 'Todavía no se puede leer' } },
    problems: ['broker-unavailable'],
    handle: async (c, input) => {
      const command = await create(c, system, input.body)
      const read = await awaitReservation(system, command, passedOn(c))
      return read ? c.json(toReserva(read)) : answerAccepted(command)
    },
  }),
  reading(system, '/vuelos/reserva/{id}', 'darReserva'),
  reading(system, '/vuelos/reserva-query/{id}', 'darReservaUsandoQuery'),
  route({
    method: 'get',
    path: '/health',
    operationId: 'health',
    summary: 'Responde',
    tags: ['operations'],
    answers: { 200: { description: 'Sí', schema: z.object({ status: z.literal('up') }) } },
    handle: (c) => c.json({ status: 'up' }),
  }),
]

const reading = (system: Upstream, path: string, operationId: string): Route =>
  route({
    ...common,
    method: 'get',
    path,
    operationId,
    summary: 'Lee una reserva',
    params: z.object({ id: z.string() }),
    answers: { 200: leida },
    problems: ['not-found'],
    handle: async (c, { params }) => {
      // Theirs may be any text; what is no id of ours is no reservation of ours.
      const read = isUuid(params.id) && (await system.reservation(params.id, passedOn(c)))
      if (!read) throw problem('not-found', 404, `no reservation ${params.id}`)
      return c.json(toReserva(read))
    },
  })

const create = (c: Context<EdgeEnv>, system: Upstream, nueva: NuevaReserva): Promise<Accepted> => {
  const reservation = toNewReservation(nueva)
  const broken = brokenRule(reservation)
  if (broken !== undefined) throw ruleBroken(broken)
  return system.createReservation(reservation, passedOn(c))
}

const answerAccepted = (command: Accepted): Response =>
  Response.json(command, {
    status: 202,
    headers: { location: command.status_url, 'retry-after': '1' },
  })

const passedOn = (c: Context<EdgeEnv>): PassedOn => ({
  'x-request-id': c.get('requestId'),
  traceparent: c.get('trace').traceparent,
  ...header(c, 'authorization'),
  ...header(c, 'idempotency-key'),
})

const header = (c: Context, name: string): PassedOn => {
  const value = c.req.header(name)
  return value === undefined ? {} : { [name]: value }
}
