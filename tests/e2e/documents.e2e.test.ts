import { expect, test } from 'bun:test'
import { ejemplo } from '../../tutorial/reserva.ts'
import { reservationBody, userBody } from '../support/bodies.ts'
import { accepted, finished } from '../support/client.ts'
import { documentedAnswers } from '../support/documented-answers.ts'
import { wholeSystem } from '../support/whole-system.ts'
import { onEachBroker } from '../support/on-each-broker.ts'

onEachBroker((broker) => {
  const system = wholeSystem(broker)

  const nobody = '00000000-0000-7000-8000-000000000000'
  const operations = ['/livez', '/readyz', '/readyz?verbose', '/metrics', '/openapi.json', '/docs']
  const post = (body: unknown, headers: Readonly<Record<string, string>> = {}): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const put = (body: unknown): RequestInit => ({ ...post(body, waiting), method: 'PUT' })
  const waiting = { prefer: 'wait=10' }
  const product = { name: 'Mouse', price: 39.9, sku: 'documented', stock: 1 }
  const seats = { economy: 1 }
  const route = { departure: '2030-01-01T10:00:00Z', origin: 'BOG', destination: 'JFK' }
  const order = { customer_id: 'c', items: [{ sku: 'prod-1', quantity: 1 }] }
  const flight = { flight_number: 'DOC1', ...route, seats }

  test('what the command side answers is what its document says', async () => {
    const check = await documentedAnswers(system.commandUrl)
    const { id, status_url } = await accepted(`${system.commandUrl}/reservations`, reservationBody)
    const receipt = status_url.slice(system.commandUrl.length)
    const user = await accepted(`${system.commandUrl}/users`, userBody('documents@example.com'))
    const { email, password } = userBody('documents@example.com')
    const requests: readonly (readonly [path: string, init?: RequestInit])[] = [
      ...operations.map((path) => [path] as const),
      ['/reservations', post(reservationBody)],
      ['/reservations', post(reservationBody, waiting)],
      ['/reservations', post({})],
      ['/reservations', post('{')],
      ['/reservations', post('{}', { 'content-type': 'text/plain' })],
      ['/reservations', post('x'.repeat(2_000_000))],
      ['/reservations', post(reservationBody, { 'idempotency-key': 'once' })],
      [
        '/reservations',
        post({ ...reservationBody, client_id: 'x' }, { 'idempotency-key': 'once' }),
      ],
      [`/reservations/${id}/approve`, post({}, waiting)],
      [`/reservations/${id}/approve`, post({}, { ...waiting, 'if-match': '"9"' })],
      [`/reservations/${nobody}/cancel`, post({}, waiting)],
      ['/users', post(userBody('documents@example.com'), waiting)],
      [`/users/${user.id}/validate`, post({ code: '00000000' }, waiting)],
      [`/users/${user.id}/reservations`, post({ reservation_id: id }, waiting)],
      ['/products', post(product, waiting)],
      ['/products', post({ ...product, price: -1 })],
      [`/products/${id}`, put({ price: 1 })],
      [`/products/${id}`, put({ sku: 'x' })],
      [`/products/${id}/stock`, post({ delta: 1 }, waiting)],
      ['/orders', post(order, waiting)],
      ['/orders', post({ ...order, items: [] })],
      [`/orders/${nobody}/pay`, post({ payment_method: 'card-ok' }, waiting)],
      [`/orders/${nobody}/cancel`, post({}, waiting)],
      ['/flights', post(flight, waiting)],
      ['/flights', post({ ...flight, seats: 1 })],
      ['/sessions', post({ email, password })],
      ['/sessions', post({ email, password: 'wrong' })],
      [receipt],
      [`${receipt}&wait=-1`],
      [receipt, { headers: { accept: 'text/event-stream' } }],
      [`/commands/${nobody}`],
    ]
    for (const [path, init] of requests) expect(await check(path, init)).toEqual([])
  })

  test('what the query side answers is what its document says', async () => {
    const check = await documentedAnswers(system.queryUrl)
    const made = await accepted(`${system.commandUrl}/reservations`, reservationBody)
    await finished(made)
    const user = await accepted(`${system.commandUrl}/users`, userBody('reads@example.com'))
    const bought = await accepted(`${system.commandUrl}/products`, { ...product, sku: 'read' })
    const ordered = await accepted(`${system.commandUrl}/orders`, order)
    await accepted(`${system.commandUrl}/flights`, { ...flight, flight_number: 'DOC2' })
    for (const path of [
      ...operations,
      `/products/${bought.id}?min_version=1`,
      `/products/${nobody}`,
      '/products/7',
      '/products?limit=1',
      '/products?q=mouse',
      '/products?q=',
      `/orders/${ordered.id}?min_version=1`,
      `/orders/${ordered.id}?at=2999-01-01T00:00:00Z`,
      `/orders/${ordered.id}?at=now`,
      `/orders/${ordered.id}/history?limit=1`,
      `/orders/${nobody}`,
      `/orders/${nobody}/history`,
      '/orders?limit=1',
      '/orders?status=NONE',
      `/users/${user.id}/orders`,
      `/users/${nobody}/orders`,
      '/flights/DOC2?min_version=1',
      '/flights/NONE',
      '/flights?limit=1',
      '/flights?limit=0',
      `/reservations/${made.id}?min_version=1`,
      `/reservations/${made.id}?min_version=9`,
      `/reservations/${nobody}`,
      '/reservations/42',
      '/reservations?limit=1',
      '/reservations?status=NONE',
      `/users/${user.id}?min_version=1`,
      `/users/${nobody}`,
      `/users/${user.id}/reservations`,
      '/users?email=reads@example.com',
      '/notifications?limit=1',
      made.status_url.slice(system.commandUrl.length),
      `/commands/${nobody}`,
    ])
      expect(await check(path)).toEqual([])
    const headers = { 'if-none-match': '*' }
    expect(await check(`/reservations/${made.id}`, { headers })).toEqual([])
  })

  test("what the tutorial's facade answers is what its document says", async () => {
    const check = await documentedAnswers(system.tutorialUrl)
    const { id } = await accepted(`${system.commandUrl}/reservations`, reservationBody)
    await fetch(`${system.queryUrl}/reservations/${id}?min_version=1`)
    for (const path of [
      ...operations,
      '/health',
      '/spec',
      `/vuelos/reserva/${id}`,
      '/vuelos/reserva/7',
    ])
      expect(await check(path)).toEqual([])
    for (const body of [ejemplo, {}, '{'])
      for (const path of ['/vuelos/reserva', '/vuelos/reserva-comando'])
        expect(await check(path, post(body))).toEqual([])
  })
})
