import { expect, test } from 'bun:test'
import { type CommandName, commands } from '../shared/contracts/topology.ts'
import { Misuse, Transient } from '../shared/kernel/fates.ts'
import type { OutgoingMessage } from '../shared/messaging/port.ts'
import { dispatcher } from './dispatch.ts'

const user = '0197a000-0000-7000-8000-000000000001'
const reservation = '0197a000-0000-7000-8000-000000000002'
const submitted = { commandId: 'c1', time: '2026-01-02T03:04:05.000Z' }
const [flight, product, order] = [3, 4, 5].map((last) => `${user.slice(0, -1)}${last}`)
const all = {
  user_id: user,
  reservation_id: reservation,
  flight_id: flight,
  product_id: product,
  order_id: order,
}

/** By the module of a command, or by its name where a module has several kinds of things. */
const things: Readonly<Record<string, string | undefined>> = {
  users: user,
  reservations: reservation,
  ScheduleFlight: flight,
  products: product,
  inventory: order,
  payments: order,
  shipping: order,
  orders: order,
}

const publisherThat = (answer: () => Promise<string>) => {
  const sent: [string, OutgoingMessage][] = []
  return {
    sent,
    publish(topic: string, message: OutgoingMessage) {
      sent.push([topic, message])
      return answer()
    },
  }
}

for (const name of Object.keys(commands) as CommandName[])
  test(`${name} goes to its module's topic under the id of the thing it is for`, async () => {
    const publisher = publisherThat(async () => 'stored')
    await dispatcher({ publisher })(name, all as never, { ...submitted, expectedVersion: 3 })
    const [[topic, message] = []] = publisher.sent
    const module = commands[name].module
    const thing = things[name] ?? things[module] ?? 'none is known'
    expect(topic).toBe(`persistent://aeroalpes/commands/${module}`)
    expect(message?.key).toBe(thing)
    expect(message?.properties).toMatchObject({
      ce_id: 'c1',
      ce_type: commands[name].type,
      ce_subject: thing,
      ce_correlationid: 'c1',
      ce_time: submitted.time,
      ce_expectedversion: '3',
    })
  })

class Away extends Transient {
  readonly sendBegan: boolean
  constructor(sendBegan: boolean) {
    super('broker-unavailable', 'away')
    this.sendBegan = sendBegan
  }
}
const failing = (error: Error, deadlineMs?: number) =>
  dispatcher({
    publisher: publisherThat(() => Promise.reject(error)),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  })('ApproveReservation', all, submitted)

test('a broker that is away is said to have got nothing when nothing was sent', async () => {
  await expect(failing(new Away(false))).rejects.toThrow('has no effect')
})

test('a send that had begun is said to take effect perhaps, with the way to make that safe', async () => {
  await expect(failing(new Away(true))).rejects.toThrow(/may still take effect.*Idempotency-Key/)
})

test('a broker that never answers is given up at the deadline, as a send that had begun', async () => {
  const publisher = publisherThat(() => new Promise(() => {}))
  const sending = dispatcher({ publisher, deadlineMs: 5 })('ApproveReservation', all, submitted)
  const error = await sending.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(Transient)
  expect(error).toHaveProperty('slug', 'broker-unavailable')
  expect(String(error)).toContain('may still take effect')
})

test('who is in a hurry is told the same at once', async () => {
  const hurry = new AbortController()
  const publisher = publisherThat(() => new Promise(() => {}))
  const dispatch = dispatcher({ publisher, hurry: hurry.signal })
  const sending = dispatch('ApproveReservation', all, submitted)
  hurry.abort()
  await expect(sending).rejects.toThrow('may still take effect')
  const another = dispatch('ApproveReservation', all, submitted)
  await expect(another).rejects.toThrow('may still take effect')
})

test('other errors go on as they are', async () => {
  await expect(failing(new Misuse('inside-transaction', 'not here'))).rejects.toBeInstanceOf(Misuse)
})
