import { type FulfilmentEvent, heardContracts } from '../../command/sagas/fulfilment.ts'
import { orderFulfilment } from '../../command/sagas/order-fulfilment.saga.ts'
import { writeModel } from '../../command/write-model.ts'
import type { Fulfilment } from '../../command/sagas/fulfilment.ts'
import { orderCommands, type PaymentMethod } from '../../shared/contracts/orders.ts'
import { type PaymentAnswer, paymentCommands } from '../../shared/contracts/payments.ts'
import { productCommands } from '../../shared/contracts/products.ts'
import type { CommandContract } from '../../shared/contracts/contract.ts'
import type { AggregateRow } from '../../uow/aggregate.ts'
import type { Happened } from '../../uow/handler.ts'
import { given, isRejection, rowsAfter } from './given.ts'
import { credentialKey } from './recorded-events.ts'

export interface Scenario {
  readonly stock: number
  readonly payment_method: PaymentMethod | null
  readonly postal_code: string | null
  /** What the provider says of the charge, one after the other. */
  readonly answers: readonly PaymentAnswer[]
  /** Whether its customer cancels, at some moment. */
  readonly cancels: boolean
}

const order_id = '0197a000-0000-7000-8000-000000000001'
const product_id = '0197a000-0000-7000-8000-000000000002'
const model = writeModel(credentialKey)

interface Queued {
  readonly contract: CommandContract
  readonly data: object
}

/**
 * One order, its fulfilment and everybody who takes part, without a broker or a database: the handlers
 * are the real ones. Commands of one topic are carried out in order, once each, as the worker does.
 * After the first, events reach the fulfilment in any order, some of them twice; timers fire at any time.
 */
export const fulfilmentWorld = ({ answers, cancels, ...scenario }: Scenario) => {
  const saga = orderFulfilment()
  const past: Happened[] = []
  const topics = new Map<string, Queued[]>()
  const provider: PaymentAnswer[] = []
  const events: FulfilmentEvent[] = []
  const timers = new Set<string>()
  let state: Fulfilment | undefined
  let copies = 4
  let mayCancel = cancels
  let mayPay = scenario.payment_method === null

  const happen = (happened: Happened) => {
    past.push(happened)
    const { type, data } = happened.event
    if (type === 'PaymentRequested') provider.push(...answers)
    if (type === 'PaymentRefundRequested') provider.push('refunded')
    if (type in heardContracts) events.push({ type, data } as FulfilmentEvent)
    const place = { id: happened.id, rows: rowsAfter(past), now: new Date(0) }
    for (const react of model.reactions[type] ?? [])
      for (const next of react(happened.event as never, place)) happen(next)
  }
  const carryOut = ({ contract, data }: Queued) => {
    const { handler, mapper } = model.handlers[contract.type]!
    const { decision } = given(...past).when(handler, mapper(data) as never)
    if (!isRejection(decision)) for (const happened of decision) happen(happened)
  }
  const send = (contract: CommandContract, data: object) => {
    const queue = topics.get(contract.topic) ?? []
    topics.set(contract.topic, [...queue, { contract, data }])
  }
  const hear = (event: FulfilmentEvent) => {
    const reaction = saga.react(state, event)
    if (!reaction) return
    state = reaction.state
    for (const { contract, data } of reaction.commands ?? []) send(contract, data)
    for (const name of reaction.cancelled ?? []) timers.delete(name)
    for (const { name } of reaction.timers ?? []) timers.add(name)
  }
  const fire = (name: string) => {
    timers.delete(name)
    events.push({ type: 'TimerFired', data: { name } })
  }
  const answer = () =>
    carryOut({
      contract: paymentCommands.RecordPaymentOutcome,
      data: { order_id, payment_key: order_id, answer: provider.shift(), reference: 'ref' },
    })

  /** What can be carried on without anybody's doing. */
  const running = (): readonly (() => void)[] => [
    ...[...topics.values()]
      .filter((queue) => queue.length > 0)
      .map((queue) => () => carryOut(queue.shift()!)),
    ...(provider.length > 0 ? [answer] : []),
    ...events.map((event, index) => () => {
      events.splice(index, 1)
      hear(event)
    }),
  ]
  const moves = (): readonly (() => void)[] => [
    ...running(),
    ...(copies > 0 ? events : []).map((event) => () => {
      copies -= 1
      hear(event)
    }),
    ...[...timers].map((name) => () => fire(name)),
    ...(mayCancel ? [cancel] : []),
    ...(mayPay ? [pay] : []),
  ]
  const cancel = () => {
    mayCancel = false
    carryOut({ contract: orderCommands.CancelOrder, data: { order_id, reason: 'customer' } })
  }
  const pay = () => {
    const { status } = (row('orders') ?? {}) as { status?: string }
    mayPay = status === 'CREATED'
    const data = { order_id, payment_method: 'card-ok' }
    carryOut({ contract: orderCommands.PayOrder, data })
  }
  const row = (name: string, id = order_id) => {
    const kept = past.find(({ aggregate }) => aggregate.name === name)?.aggregate
    return kept && (rowsAfter(past).get(kept as never, id) as AggregateRow | undefined)
  }

  carryOut({
    contract: productCommands.CreateProduct,
    data: {
      product_id,
      sku: 'prod-1',
      name: 'Pillow',
      price: 16.25,
      currency: 'EUR',
      description: null,
      stock: scenario.stock,
    },
  })
  carryOut({
    contract: orderCommands.CreateOrder,
    data: {
      order_id,
      customer_id: 'customer-1',
      items: [{ sku: 'prod-1', quantity: 2 }],
      currency: 'EUR',
      shipping_address: {
        recipient: null,
        street: 'Calle 26',
        city: 'Bogotá',
        postal_code: scenario.postal_code,
        country: 'CO',
      },
      payment_method: scenario.payment_method,
      locale: null,
    },
  })

  // Of one topic and key, so nothing overtakes it.
  for (const created of events.splice(0)) hear(created)

  return {
    /** Does one of all that can happen now; mostly what nobody has to do anything for. */
    step(choice: number) {
      const rest = Math.floor(choice / 8)
      const possible = choice % 8 === 0 || running().length === 0 ? moves() : running()
      if (possible.length > 0) possible[rest % possible.length]!()
    },
    /** Lets everything come to its end; a timer fires where nothing else can happen. */
    settle() {
      for (let left = 2000; left > 0; left--) {
        const [next] = running()
        const [timer] = timers
        if (next) next()
        else if (timer !== undefined) fire(timer)
        else return
      }
      throw new Error('it does not come to an end')
    },
    ended: () => state !== undefined && saga.placeOf(state).ended,
    fulfilment: () => state?.step,
    status: (name: string) => (row(name) as { status?: string } | undefined)?.status,
    level: () => row('inventory', product_id),
    /** Charges less refunds. */
    charges: () => {
      const count = (wanted: string) => past.filter(({ event }) => event.type === wanted).length
      return count('PaymentProcessed') - count('PaymentRefunded')
    },
  }
}
