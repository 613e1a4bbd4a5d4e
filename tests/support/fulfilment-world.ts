import { inventoryReactor } from '../../command/inventory/inventory.reactor.ts'
import { ordersReactor } from '../../command/orders/orders.reactor.ts'
import { paymentsReactor } from '../../command/payments/payments.reactor.ts'
import { orderFulfilment } from '../../command/sagas/order-fulfilment.saga.ts'
import { shippingReactor } from '../../command/shipping/shipping.reactor.ts'
import { writeModel } from '../../command/write-model.ts'
import { orderCommands, type PaymentMethod } from '../../shared/contracts/orders.ts'
import { type PaymentAnswer, paymentCommands } from '../../shared/contracts/payments.ts'
import { productCommands } from '../../shared/contracts/products.ts'
import type { CommandContract } from '../../shared/contracts/contract.ts'
import type { AggregateRow } from '../../uow/aggregate.ts'
import type { Happened } from '../../uow/handler.ts'
import type { AnySaga, SagaEvent } from '../../uow/saga.ts'
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

/** Who listens to what happens, in each style. */
const listeners: Readonly<Record<string, () => readonly AnySaga[]>> = {
  orchestration: () => [orderFulfilment()],
  choreography: () => [inventoryReactor(), paymentsReactor(), shippingReactor(), ordersReactor()],
}

/** On its way to one of those who listen. */
interface Heard {
  readonly by: AnySaga
  readonly event: SagaEvent
}

interface Queued {
  readonly contract: CommandContract
  readonly data: object
}

/**
 * One order, its fulfilment and everybody who takes part, without a broker or a database: the handlers
 * are the real ones. Commands of one topic are carried out in order, once each, as the worker does.
 * Events reach who listens in any order, some of them twice; timers fire at any time.
 */
export const fulfilmentWorld = (
  { answers, cancels, ...scenario }: Scenario,
  style: 'orchestration' | 'choreography' = 'orchestration',
) => {
  const sagas = listeners[style]!()
  const past: Happened[] = []
  const topics = new Map<string, Queued[]>()
  const provider: PaymentAnswer[] = []
  const events: Heard[] = []
  const timers = new Map<string, Heard>()
  const states = new Map<string, object>()
  let copies = 4
  let mayCancel = cancels
  let mayPay = scenario.payment_method === null

  const happen = (happened: Happened) => {
    past.push(happened)
    const { type, data } = happened.event
    if (type === 'PaymentRequested') provider.push(...answers)
    if (type === 'PaymentRefundRequested') provider.push('refunded')
    for (const by of sagas)
      if (type in by.contracts) events.push({ by, event: { type, data } as SagaEvent })
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
  const hear = ({ by, event }: Heard) => {
    const reaction = by.react(states.get(by.name) as never, event as never)
    if (!reaction) return
    states.set(by.name, reaction.state)
    for (const { contract, data } of reaction.commands ?? []) send(contract, data)
    for (const name of reaction.cancelled ?? []) timers.delete(`${by.name} ${name}`)
    for (const { name } of reaction.timers ?? [])
      timers.set(`${by.name} ${name}`, { by, event: { type: 'TimerFired', data: { name } } })
  }
  const fire = (id: string, fired: Heard) => {
    timers.delete(id)
    events.push(fired)
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
    ...[...timers].map(
      ([id, fired]) =>
        () =>
          fire(id, fired),
    ),
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

  // A saga begins with it, and nothing of its topic and key overtakes it.
  if (style === 'orchestration') for (const created of events.splice(0)) hear(created)

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
        else if (timer) fire(...timer)
        else return
      }
      throw new Error('it does not come to an end')
    },
    /** What each who listens waits for, or how it has ended. */
    places: () => sagas.map((saga) => saga.placeOf((states.get(saga.name) ?? saga.name) as never)),
    status: (name: string) => (row(name) as { status?: string } | undefined)?.status,
    level: () => row('inventory', product_id),
    /** Charges less refunds. */
    charges: () => {
      const count = (wanted: string) => past.filter(({ event }) => event.type === wanted).length
      return count('PaymentProcessed') - count('PaymentRefunded')
    },
  }
}
