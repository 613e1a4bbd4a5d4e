import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { type PaymentHouse, paymentHouse } from '../../tests/support/payment-house.ts'
import { until } from '../../tests/support/until.ts'
import type { PaymentProvider } from './provider.ts'
import { sandboxProvider } from './sandbox.ts'

// Every message between payments and gateway comes twice.
let house: PaymentHouse
let sandbox: PaymentProvider
beforeEach(async () => {
  house = await paymentHouse(2)
  sandbox = sandboxProvider(house.side.database)
}, 60_000)
afterEach(() => house.close())

/** A card that answers has all the time that a busy machine needs; one that does not, none. */
const patient = { deadlineMs: 20_000, restMs: 5 }
const hurried = { deadlineMs: 100, restMs: 5, longestRestMs: 20 }

const callsLeft = async () => {
  const rows = await house.side.database.query<{ state: string }>(
    'SELECT state FROM write.payment_calls',
  )
  return rows.map(({ state }) => state)
}
const charged = { entry: 'charge', answer: 'charged', minor: '4250' }
const givenBack = { entry: 'refund', answer: 'refunded', minor: '4250' }

test('a card that is good is charged once, and given back once', async () => {
  house.ask({ provider: sandbox, patience: patient })
  const order = await house.charge('card-ok')
  await house.reached(order, 'PROCESSED')
  expect(await house.bookingsOf(order)).toEqual([charged])
  await house.refund(order)
  await house.refund(order)
  await house.reached(order, 'REFUNDED')
  await until(async () => (await callsLeft()).length === 0)
  await house.carry()
  expect(await house.eventsOf(order)).toEqual([
    'PaymentRequested',
    'PaymentProcessed',
    'PaymentRefundRequested',
    'PaymentRefunded',
  ])
  expect(await house.bookingsOf(order)).toEqual([charged, givenBack])
})

test('yen arrive at the provider as they were asked for', async () => {
  house.ask({ provider: sandbox, patience: patient })
  const order = await house.charge('card-ok', 1200, 'JPY')
  await house.reached(order, 'PROCESSED')
  expect(await house.bookingsOf(order)).toEqual([{ ...charged, minor: '1200' }])
})

test('a card that is declined is told so, and not charged', async () => {
  house.ask({ provider: sandbox, patience: patient })
  const order = await house.charge('card-declined')
  await house.reached(order, 'FAILED')
  expect(await house.eventsOf(order)).toEqual(['PaymentRequested', 'PaymentFailed'])
  expect(await house.bookingsOf(order)).toEqual([{ ...charged, answer: 'declined' }])
})

test('an outcome carries the request that it goes back to', async () => {
  house.ask({ provider: sandbox, patience: patient })
  const order = await house.charge('card-ok')
  await house.reached(order, 'PROCESSED')
  const [requested, processed] = await house.side.database.query<{
    id: string
    correlation_id: string
  }>(`SELECT id, correlation_id FROM uow.event WHERE stream_id = $1 ORDER BY version`, [order])
  expect(processed?.correlation_id).toBe(requested!.correlation_id)
})

describe('a provider that does not answer in time', () => {
  test('fails the payment, and a yes that is found later is told as late', async () => {
    house.ask({ provider: sandbox, patience: hurried })
    const order = await house.charge('card-late')
    await house.reached(order, 'PROCESSED')
    expect(await house.eventsOf(order)).toEqual([
      'PaymentRequested',
      'PaymentFailed',
      'PaymentProcessed',
    ])
    await house.refund(order)
    await house.reached(order, 'REFUNDED')
    expect(await house.bookingsOf(order)).toEqual([charged, givenBack])
  })

  test('and charges a payment that was given up meanwhile, gives it back by itself', async () => {
    const order = await house.charge('card-late')
    await house.refund(order)
    house.ask({ provider: sandbox, patience: hurried })
    await house.reached(order, 'REFUNDED')
    expect(await house.eventsOf(order)).toEqual([
      'PaymentRequested',
      'PaymentVoided',
      'PaymentProcessed',
      'PaymentRefundRequested',
      'PaymentRefunded',
    ])
    expect(await house.bookingsOf(order)).toEqual([charged, givenBack])
  })

  test('nor ever, is given up after a while', async () => {
    house.ask({ provider: sandbox, patience: { ...hurried, giveUpMs: 1 } })
    const order = await house.charge('card-timeout')
    await house.reached(order, 'FAILED')
    await until(async () => (await callsLeft()).join() === 'given-up')
    expect(await house.eventsOf(order)).toEqual(['PaymentRequested', 'PaymentFailed'])
    expect(await house.bookingsOf(order)).toEqual([])
  })
})

describe('a provider that is away', () => {
  const broken = (times: number): PaymentProvider => ({
    ...sandbox,
    async charge(request, signal) {
      const answer = await sandbox.charge(request, signal)
      // It has charged, and the line breaks before the answer is here.
      if (times-- > 0) throw new Error('connection reset')
      return answer
    },
  })

  test('is asked again until it answers, and charges once', async () => {
    house.ask({ provider: broken(3), patience: patient })
    const order = await house.charge('card-ok')
    await house.reached(order, 'PROCESSED')
    expect(await house.eventsOf(order)).toEqual(['PaymentRequested', 'PaymentProcessed'])
    expect(await house.bookingsOf(order)).toEqual([charged])
  })

  test('for too long counts as not answering in time', async () => {
    house.ask({ provider: broken(99), patience: { ...patient, attempts: 2 } })
    const order = await house.charge('card-ok')
    await house.reached(order, 'PROCESSED')
    expect(await house.eventsOf(order)).toEqual([
      'PaymentRequested',
      'PaymentFailed',
      'PaymentProcessed',
    ])
    expect(await house.bookingsOf(order)).toEqual([charged])
  })

  test('gives back later what it did not give back at once', async () => {
    let times = 3
    const provider: PaymentProvider = {
      ...sandbox,
      async refund(key, signal) {
        if (times-- > 0) throw new Error('connection reset')
        return sandbox.refund(key, signal)
      },
    }
    house.ask({ provider, patience: { ...patient, attempts: 1 } })
    const order = await house.charge('card-ok')
    await house.reached(order, 'PROCESSED')
    await house.refund(order)
    await house.reached(order, 'REFUNDED')
    expect(await house.bookingsOf(order)).toEqual([charged, givenBack])
  })
})

test('cards that keep silent make no others wait', async () => {
  const silence = Promise.withResolvers<never>()
  const provider: PaymentProvider = {
    ...sandbox,
    charge: (request, signal) =>
      request.method === 'card-timeout' ? silence.promise : sandbox.charge(request, signal),
  }
  house.ask({ provider, patience: patient, atOnce: 2, silentAfterMs: 10 })
  for (const _ of [1, 2, 3, 4]) await house.charge('card-timeout')
  await house.carry()
  const order = await house.charge('card-ok')
  await house.reached(order, 'PROCESSED')
  silence.reject(new Error('the test is over'))
  expect(await house.eventsOf(order)).toEqual(['PaymentRequested', 'PaymentProcessed'])
})

test('of cards that keep silent no more than four times as many are asked at once', async () => {
  let [open, most] = [0, 0]
  const charge: PaymentProvider['charge'] = async (request, signal) => {
    most = Math.max(most, ++open)
    return sandbox.charge(request, signal).finally(() => open--)
  }
  const provider = { ...sandbox, charge }
  house.ask({ provider, patience: hurried, atOnce: 1, silentAfterMs: 1 })
  for (let orders = 0; orders < 12; orders++) await house.charge('card-timeout')
  await house.carry()
  await until(async () => !(await callsLeft()).includes('asking'))
  expect([most > 1, most <= 4]).toEqual([true, true])
})

test('two gateways share the work: each payment is asked for by one of them', async () => {
  const asked: string[] = []
  const provider: PaymentProvider = {
    ...sandbox,
    async charge(request, signal) {
      asked.push(request.key)
      return sandbox.charge(request, signal)
    },
  }
  const orders: string[] = []
  for (let n = 0; n < 30; n++) orders.push(await house.charge('card-ok'))
  await house.carry(1)
  house.ask({ provider, patience: patient, atOnce: 4 })
  house.ask({ provider, patience: patient, atOnce: 4 })
  for (const order of orders) await house.reached(order, 'PROCESSED')
  expect(asked.toSorted()).toEqual(orders.toSorted())
})

test('a gateway that is stopped records the answers that it has asked for, and asks no more', async () => {
  const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const provider: PaymentProvider = {
    ...sandbox,
    async charge(request, signal) {
      asked.resolve()
      await answer.promise
      return sandbox.charge(request, signal)
    },
  }
  const gateway = house.ask({ provider, patience: patient })
  const order = await house.charge('card-ok')
  await house.carry()
  await asked.promise
  const stopped = gateway.stop()
  const later = await house.charge('card-ok')
  await house.carry()
  answer.resolve()
  await stopped
  expect(await callsLeft()).toEqual(['asking'])
  await house.reached(order, 'PROCESSED')
  expect(await house.eventsOf(later)).toEqual(['PaymentRequested'])
})
