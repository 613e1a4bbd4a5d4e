import { describe, expect, test } from 'bun:test'
import { createLogger } from '../shared/telemetry/logger.ts'
import { createMetrics } from '../shared/telemetry/metrics.ts'
import { tutorialApp } from './app.ts'
import { toNewReservation } from './mapper.ts'
import { ejemplo } from './reserva.ts'
import { upstream } from './upstream.ts'
import { undocumented } from '../tests/support/undocumented.ts'

type Answer = (request: Request) => Response | Promise<Response>

const id = '0197f1aa-5c1e-7d3a-8b9e-3a4b5c6d7e8f'
const accepted = {
  command_id: '0197f1aa-5c1e-7d3a-8b9e-2f6f0c1d2e3f',
  status: 'accepted',
  id,
  href: `http://outside/reservations/${id}`,
  status_url: 'http://outside/commands/7?ticket=1.a.b',
}
const reservation = {
  id,
  client_id: null,
  itineraries: toNewReservation(ejemplo).itineraries,
  created_at: '2026-11-20T10:00:00.123Z',
  updated_at: '2026-11-20T10:00:00.123Z',
  version: 1,
}
const told = {
  fecha_creacion: '2026-11-20T10:00:00Z',
  fecha_actualizacion: '2026-11-20T10:00:00Z',
  id,
  ...ejemplo,
}
const receipt = (status: string, problem: object | null = null) =>
  Response.json({ status, version: status === 'completed' ? 1 : null, problem })
const problemAnswer = (status: number, slug: string, more: object = {}) =>
  Response.json({ type: `urn:aeroalpes:problem:${slug}`, detail: 'english', ...more }, { status })

/** The facade over two sides that answer as given; `asked` keeps what they were asked. */
const facade = (answers: Readonly<Record<string, Answer>> = {}) => {
  const asked: Request[] = []
  const fetch = async (request: Request) => {
    asked.push(request)
    const { pathname } = new URL(request.url)
    const answer = answers[`${request.method} /${pathname.split('/')[1]}`]
    if (!answer) throw new TypeError('connection refused')
    return answer(request)
  }
  const app = tutorialApp({
    system: upstream({ commandUrl: 'http://c:8000', queryUrl: 'http://q:8001', fetch }),
    logger: createLogger({ level: 'silent', name: 'test' }),
    metrics: createMetrics({ process: false }),
    checks: async () => [],
    draining: () => false,
  })
  const post = (path: string, body: unknown, headers = {}) =>
    app.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  return { app, asked, post }
}
const create = { 'POST /reservations': () => Response.json(accepted, { status: 202 }) }
const [itinerario] = ejemplo.itinerarios
const withLeg = (change: object) => {
  const body = structuredClone(ejemplo)
  Object.assign(body.itinerarios[0]!.odos[0]!.segmentos[0]!.legs[0]!, change)
  return body
}

describe('POST /vuelos/reserva-comando', () => {
  test("takes the tutorial's sample, sends it in English and answers 202", async () => {
    const { post, asked } = facade(create)
    const answer = await post('/vuelos/reserva-comando', ejemplo)
    expect(answer.status).toBe(202)
    expect(answer.headers.get('location')).toBe(accepted.status_url)
    expect(await answer.json()).toEqual(accepted)
    expect(asked[0]?.url).toBe('http://c:8000/reservations')
    expect(await asked[0]?.json()).toEqual({ itineraries: reservation.itineraries })
  })
  test('lets fields through that it does not know', async () => {
    const body = { ...ejemplo, id: 'x', fecha_creacion: '', itinerarios: [{ ...itinerario, x: 1 }] }
    expect((await facade(create).post('/vuelos/reserva-comando', body)).status).toBe(202)
  })
  test('passes on who asks, the key, the request id and the trace', async () => {
    const { post, asked } = facade(create)
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const sent = { authorization: 'Bearer t', 'idempotency-key': '"k"', 'x-request-id': 'r1' }
    await post('/vuelos/reserva-comando', ejemplo, { ...sent, traceparent })
    expect(Object.fromEntries(asked[0]?.headers ?? [])).toMatchObject(sent)
    expect(asked[0]?.headers.get('traceparent')).toStartWith(traceparent.slice(0, 36))
  })
  test.each([
    ['itinerario', { itinerarios: [] }],
    ['odos', { itinerarios: [{ odos: [] }] }],
    ['origen', withLeg({ destino: { codigo: 'BOG', nombre: '' } })],
    ['llegada', withLeg({ fecha_llegada: '2022-11-22T13:00:00Z' })],
    ['adulto', { ...ejemplo, pasajeros: [{ tipo: 'menor', clase: 'primera' }] }],
    ['fecha_salida', withLeg({ fecha_salida: 'mañana' })],
    ['itinerarios', {}],
  ])('answers 400 in Spanish words about %s, and sends nothing', async (word, body) => {
    const { post, asked } = facade(create)
    const answer = await post('/vuelos/reserva-comando', body)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toEqual({ error: expect.stringContaining(word) })
    expect(asked).toEqual([])
  })
  test('answers what the other side refuses with its status, in Spanish', async () => {
    for (const [status, slug] of [
      [401, 'unauthenticated'],
      [422, 'idempotency-key-reused'],
      [503, 'broker-unavailable'],
      [500, 'internal-error'],
    ] as const) {
      const { post } = facade({ 'POST /reservations': () => problemAnswer(status, slug) })
      const answer = await post('/vuelos/reserva-comando', ejemplo)
      expect(answer.status).toBe(status)
      const { error } = (await answer.json()) as { error: string }
      expect(error).not.toContain('english')
    }
  })
  test('answers 503 when the other side is away', async () => {
    const answer = await facade().post('/vuelos/reserva-comando', ejemplo)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(await answer.json()).toEqual({ error: expect.any(String) })
  })
})

describe('POST /vuelos/reserva', () => {
  test('answers the reservation once it can be read', async () => {
    const { post, asked } = facade({
      ...create,
      'GET /commands': () => receipt('completed'),
      'GET /reservations': () => Response.json(reservation),
    })
    const answer = await post('/vuelos/reserva', ejemplo)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toEqual(told)
    expect(asked.map(({ url }) => url).slice(1)).toEqual([
      'http://c:8000/commands/7?ticket=1.a.b&wait=10',
      `http://q:8001/reservations/${id}?min_version=1`,
    ])
  })
  test('asks again while the view is behind', async () => {
    const views = [problemAnswer(503, 'view-behind'), Response.json(reservation)]
    const { post } = facade({
      ...create,
      'GET /commands': () => receipt('completed'),
      'GET /reservations': () => views.shift()!,
    })
    expect((await post('/vuelos/reserva', ejemplo)).status).toBe(200)
    expect(views).toEqual([])
  })
  test('answers 202 when the command has not finished in time', async () => {
    const { post } = facade({ ...create, 'GET /commands': () => receipt('accepted') })
    const answer = await post('/vuelos/reserva', ejemplo)
    expect(answer.status).toBe(202)
    expect(await answer.json()).toEqual(accepted)
  })
  test('answers 400 when the command was rejected', async () => {
    const why = { type: 'urn:x', title: 't', detail: 'none left' }
    const { post } = facade({ ...create, 'GET /commands': () => receipt('rejected', why) })
    const answer = await post('/vuelos/reserva', ejemplo)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toEqual({ error: expect.stringContaining('none left') })
  })
})

describe('GET', () => {
  test.each(['reserva', 'reserva-query'])('/vuelos/%s/{id} tells a reservation', async (name) => {
    const { app } = facade({ 'GET /reservations': () => Response.json(reservation) })
    expect(await (await app.request(`/vuelos/${name}/${id}`)).json()).toEqual(told)
  })
  test('/vuelos/reserva/{id} of an unknown id is 404 with an error', async () => {
    const { app } = facade({ 'GET /reservations': () => problemAnswer(404, 'not-found') })
    for (const unknown of [accepted.command_id, '7', '%F0%9F']) {
      const answer = await app.request(`/vuelos/reserva/${unknown}`)
      expect(answer.status).toBe(404)
      expect(await answer.json()).toEqual({ error: 'No existe' })
    }
  })
  test('/health is up', async () => {
    expect(await (await facade().app.request('/health')).json()).toEqual({ status: 'up' })
  })
  test('/spec tells every route, and errors in their own form', async () => {
    const { paths } = (await (await facade().app.request('/spec')).json()) as Spec
    expect(Object.keys(paths)).toEqual([
      '/vuelos/reserva-comando',
      '/vuelos/reserva',
      '/vuelos/reserva/{id}',
      '/vuelos/reserva-query/{id}',
      '/health',
      '/spec',
      '/livez',
      '/readyz',
      '/metrics',
      '/openapi.json',
      '/docs',
    ])
    expect(undocumented(facade().app)).toEqual([])
    expect(JSON.stringify(paths)).not.toContain('problem+json')
  })
  test('of a path nobody knows is 404 with an error', async () => {
    const answer = await facade().app.request('/nada')
    expect(answer.status).toBe(404)
    expect(await answer.json()).toEqual({ error: expect.any(String) })
  })
})
interface Spec {
  readonly paths: object
}
