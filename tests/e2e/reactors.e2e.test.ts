import { afterAll, beforeAll, expect, test } from 'bun:test'
import { checkout } from '../../shared/runtime/home.ts'
import { accepted, finished, json } from '../support/client.ts'
import { eventually, type RunningProcess, start, temporaryHome } from '../support/system.ts'

const home = temporaryHome()
const environment = {
  ORDER_FULFILMENT: 'choreography',
  TICKET_SECRET: 'a ticket secret for these tests alone',
  CREDENTIAL_KEY: Buffer.alloc(32, 7).toString('base64url'),
  JWT_SECRET: 'a token secret for these tests alone',
}
const others = [
  'command-api',
  'query-api',
  'command-worker',
  'relay',
  'projector',
  'reactor.inventory',
  'reactor.shipping',
  'reactor.orders',
]
const started = new Set<RunningProcess>()
let system: RunningProcess
let payments: RunningProcess
let sku: string

const run = async (roles: readonly string[], until: readonly ('commandUrl' | 'opsUrl')[]) => {
  const process = await start(['run', ...roles], { home: home.folder, env: environment, until })
  started.add(process)
  return process
}

beforeAll(async () => {
  system = await run(others, ['commandUrl'])
  sku = crypto.randomUUID()
  const product = { name: 'Pillow', sku, price: 5, stock: 10 }
  await finished(await accepted(`${system.commandUrl}/products`, product))
}, 60_000)
afterAll(async () => {
  await Promise.all([...started].map((process) => process.stop()))
  home.remove()
}, 60_000)

const ordered = async () => {
  const body = { customer_id: 'c-1', items: [{ sku, quantity: 1 }], payment_method: 'card-ok' }
  return accepted(`${system.commandUrl}/orders`, body)
}
const becomes = ({ id }: { readonly id: string }, status: string) =>
  eventually(`${id} is ${status}`, async () => {
    const answer = await fetch(`${system.queryUrl}/orders/${id}`)
    const order = answer.ok ? ((await answer.json()) as { status: string }) : undefined
    return order?.status === status
  })
const namesOf = async ({ id }: { readonly id: string }) => {
  const { items } = await json<{ items: { type: string }[] }>(
    `${system.queryUrl}/orders/${id}/history`,
  )
  return items.map(({ type }) => type.split('.').at(-2))
}

/** `./aero` with these words. */
const aero = async (words: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const child = Bun.spawn([process.execPath, 'main.ts', ...words], {
    cwd: checkout,
    env: { ...process.env, PULSAR_URL: '', ...environment, AERO_HOME: home.folder, ...env },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [output, errors, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  return { code, output, errors }
}

test('without the payments reactor orders wait for their payment, and everything else goes on', async () => {
  const waiting = await ordered()
  await becomes(waiting, 'RESERVED')
  const other = await ordered()
  await becomes(other, 'RESERVED')
  await finished(await accepted(`${system.commandUrl}/orders/${other.id}/cancel`, {}))
  await eventually('the stock of the cancelled order is back', async () =>
    (await namesOf(other)).includes('StockReleased'),
  )
  expect(await namesOf(waiting)).not.toContain('PaymentRequested')

  payments = await run(['reactor.payments'], ['opsUrl'])
  await becomes(waiting, 'SHIPPED')
  expect(await namesOf(other)).not.toContain('PaymentRequested')
})

test('stopped again, it halts payments again, until it is back', async () => {
  await payments.stop()
  started.delete(payments)
  const waiting = await ordered()
  await becomes(waiting, 'RESERVED')
  const managed = { ORDER_FULFILMENT: 'orchestration' }
  const { code, errors } = await aero(['run', 'process-manager'], managed)
  expect(code).toBe(4)
  expect(errors).toContain('1 order is still on the way with ORDER_FULFILMENT=choreography')
  await run(['reactor.payments'], ['opsUrl'])
  await becomes(waiting, 'SHIPPED')
})

test('nobody coordinates: there is no saga to list', async () => {
  const { code, output } = await aero(['sagas', 'list', '--output', 'json'])
  expect({ code, sagas: JSON.parse(output) as unknown }).toEqual({ code: 0, sagas: [] })
})

test.each([
  ['process-manager', 'choreography'],
  ['reactor', 'orchestration'],
  ['reactor.payments', 'orchestration'],
])('%s does not start in a system of %s', async (role, style) => {
  const { code, errors } = await aero(['run', role], { ORDER_FULFILMENT: style })
  expect(code).toBe(4)
  expect(errors).toContain(`has nothing to do with ORDER_FULFILMENT=${style}`)
})
