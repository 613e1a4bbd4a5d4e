import { afterAll, beforeAll, expect, test } from 'bun:test'
import { checkout } from '../../shared/runtime/home.ts'
import { accepted, finished } from '../support/client.ts'
import { eventually, type RunningProcess, start, temporaryHome } from '../support/system.ts'

const home = temporaryHome()
let system: RunningProcess
beforeAll(async () => {
  system = await start(['up'], { home: home.folder, until: ['commandUrl', 'queryUrl'] })
}, 60_000)
afterAll(async () => {
  await system.stop()
  home.remove()
}, 60_000)

/** `./aero` with these words, beside the system that runs. */
const aero = async (...words: readonly string[]) => {
  const child = Bun.spawn([process.execPath, 'main.ts', ...words], {
    cwd: checkout,
    env: { ...process.env, PULSAR_URL: '', AERO_HOME: home.folder },
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
const listed = async <T>(...words: readonly string[]) =>
  JSON.parse((await aero(...words, '--output', 'json')).output) as T[]

interface Saga {
  readonly id: string
  readonly step: string
}
interface Call {
  readonly id: string
  readonly order_id: string
  readonly state: string
}
interface Timer {
  readonly id: string
  readonly name: string
}

const waitingOrder = async () => {
  const body = { customer_id: 'customer-1', items: [{ sku: 'prod-1', quantity: 1 }] }
  const made = await accepted(`${system.commandUrl}/orders`, body)
  await finished(made)
  await becomes(made.href, 'RESERVED')
  return made
}
const becomes = (href: string, status: string) =>
  eventually(`${href} is ${status}`, async () => {
    const answer = await fetch(href)
    const order = answer.ok ? ((await answer.json()) as { status: string }) : undefined
    return order?.status === status && order
  })

test('an order that nobody pays is seen to wait, and is cancelled when its timer is fired', async () => {
  const { id, href } = await waitingOrder()
  expect((await listed<Saga>('sagas', 'list')).find((saga) => saga.id === id)?.step).toBe(
    'await-payment',
  )
  const [timer, ...others] = await listed<Timer>('timers', 'list', '--of', id)
  expect(others).toEqual([])
  expect(timer?.name).toBe('await-payment 1')

  const refused = await aero('timers', 'fire', timer!.id)
  expect(refused).toMatchObject({ code: 2, output: '' })
  expect((await aero('timers', 'fire', timer!.id, '--yes')).code).toBe(0)
  expect(await becomes(href, 'CANCELLED')).toMatchObject({
    cancel_reason: 'not paid in time',
  } as object)
  expect((await aero('timers', 'fire', timer!.id, '--yes')).code).toBe(4)

  const [saga] = await listed<Saga>('sagas', 'show', id)
  expect(saga?.step).toBe('cancelled')
  expect((await listed<Saga>('sagas', 'list')).some((other) => other.id === id)).toBe(false)
}, 60_000)

test('an order that is paid after it was made is shipped, and leaves no timer', async () => {
  const { id, href } = await waitingOrder()
  const paying = `${system.commandUrl}/orders/${id}/pay`
  await finished(await accepted(paying, { payment_method: 'card-ok' }))
  await becomes(href, 'SHIPPED')
  await eventually(
    'its saga has ended',
    async () => (await listed<Saga>('sagas', 'show', id))[0]?.step === 'shipped',
  )
  expect(await listed<Timer>('timers', 'list', '--of', id)).toEqual([])
}, 60_000)

test('a payment that the provider keeps silent about is seen to be looked up', async () => {
  const ordered = await accepted(`${system.commandUrl}/orders`, {
    customer_id: 'customer-1',
    items: [{ sku: 'prod-1', quantity: 1 }],
    payment_method: 'card-timeout',
  })
  const call = await eventually('its charge is in doubt', async () =>
    (await listed<Call>('payments', 'list')).find(
      ({ order_id, state }) => order_id === ordered.id && state === 'in-doubt',
    ),
  )
  const refused = await aero('payments', 'ask', call.id, '--yes')
  expect(refused).toMatchObject({ code: 4 })
  expect(refused.errors).toContain('has not been given up')
}, 60_000)

test('what is not there is not found, and a wrong word is a wrong use', async () => {
  expect((await aero('sagas', 'show', 'nobody')).code).toBe(3)
  expect((await aero('sagas', 'end', 'nobody', '--reason', 'lost', '--yes')).code).toBe(3)
  expect((await aero('sagas', 'end', 'nobody', '--yes')).code).toBe(2)
  expect((await aero('timers', 'list', '--state', 'odd')).code).toBe(2)
  expect((await aero('timers', 'list', '--limit', '0')).code).toBe(2)
})
