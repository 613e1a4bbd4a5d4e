import { inventoryReactor } from '../../command/inventory/fulfilment.reactor.ts'
import { ordersReactor } from '../../command/orders/fulfilment.reactor.ts'
import { paymentsReactor } from '../../command/payments/fulfilment.reactor.ts'
import { orderFulfilment } from '../../command/sagas/order-fulfilment.saga.ts'
import { shippingReactor } from '../../command/shipping/fulfilment.reactor.ts'
import { orderCommands, type PaymentMethod } from '../../shared/contracts/orders.ts'
import { type PaymentAnswer, paymentCommands } from '../../shared/contracts/payments.ts'
import { productCommands } from '../../shared/contracts/products.ts'
import type { AnySaga } from '../../uow/saga.ts'
import { memoryListeners } from './memory-listeners.ts'
import { type MemoryWriteSide, memoryWriteSide, type Queued } from './memory-write-side.ts'

export interface Scenario {
  readonly stock: number
  readonly payment_method: PaymentMethod | null
  /** Where to; null for an order that is handed over. */
  readonly address: { readonly postal_code: string | null } | null
  /** What the provider says of the charge, one after the other. */
  readonly answers: readonly PaymentAnswer[]
  /** Whether its customer cancels, at some moment. */
  readonly cancels: boolean
}

type Move = () => void

const order_id = '0197a000-0000-7000-8000-000000000001'
const product_id = '0197a000-0000-7000-8000-000000000002'

/** Who listens to what happens, in each style. */
const listenersOf = {
  orchestration: (): readonly AnySaga[] => [orderFulfilment()],
  choreography: () => [inventoryReactor(), paymentsReactor(), shippingReactor(), ordersReactor()],
}

/**
 * One order, its fulfilment and everybody who takes part, without a broker or a database: the handlers
 * are the real ones. Commands of one topic are carried out in order, once each, as the worker does.
 * Events reach who listens in any order, some of them twice; timers fire at any time.
 */
export const fulfilmentWorld = (
  scenario: Scenario,
  style: keyof typeof listenersOf = 'orchestration',
) => {
  const topics = commandTopics()
  const listeners = memoryListeners(listenersOf[style](), topics.send)
  const provider = sandbox(scenario.answers)
  const side = memoryWriteSide((event) => {
    provider.hear(event.type)
    listeners.publish(event)
  })
  const customer = customerOf(scenario, side)
  const { waiting, timers } = listeners
  const fire = (name: string) => {
    const fired = timers.get(name)
    timers.delete(name)
    if (fired) waiting.push(fired)
  }
  begin(scenario, side)
  // A saga begins with it, and nothing of its topic and key overtakes it.
  if (style === 'orchestration') waiting.splice(0).forEach(listeners.hear)

  /** What can be carried on without anybody's doing. */
  const running = (): readonly Move[] => [
    ...topics.moves(side),
    ...provider.moves(side),
    ...waiting.map((heard, index) => () => {
      waiting.splice(index, 1)
      listeners.hear(heard)
    }),
  ]
  let copies = 4
  const again = (): readonly Move[] =>
    (copies > 0 ? waiting : []).map((heard) => () => {
      copies -= 1
      listeners.hear(heard)
    })
  const firing = () => [...timers.keys()].map((name) => () => fire(name))

  return {
    /** Does one of all that can happen now; mostly what nobody has to do anything for. */
    step(choice: number) {
      const mostly = running()
      const rarely = () => [...mostly, ...again(), ...firing(), ...customer.moves()]
      const possible = choice % 8 === 0 || mostly.length === 0 ? rarely() : mostly
      possible[Math.floor(choice / 8) % possible.length]?.()
    },
    /** Lets everything come to its end; a timer fires where nothing else can happen. */
    settle() {
      for (let left = 2000; left > 0; left--) {
        const next = running()[0] ?? firing()[0]
        if (!next) return
        next()
      }
      throw new Error('it does not come to an end')
    },
    places: listeners.places,
    status: (name: string) => statusOf(side, name),
    level: () => side.row('inventory', product_id),
    /** Charges less refunds. */
    charges: () => side.count('PaymentProcessed') - side.count('PaymentRefunded'),
  }
}

const statusOf = (side: MemoryWriteSide, name: string) =>
  (side.row(name, order_id) as { status?: string } | undefined)?.status

/** Queues of commands, one a topic. */
const commandTopics = () => {
  const queues = new Map<string, Queued[]>()
  return {
    send(command: Queued) {
      const { topic } = command.contract
      queues.set(topic, [...(queues.get(topic) ?? []), command])
    },
    moves: (side: MemoryWriteSide): readonly Move[] =>
      [...queues].flatMap(([topic, [first, ...rest]]) =>
        first
          ? () => {
              queues.set(topic, rest)
              side.carryOut(first)
            }
          : [],
      ),
  }
}

/** The payment provider, with whoever asks it. */
const sandbox = (answers: readonly PaymentAnswer[]) => {
  const said: PaymentAnswer[] = []
  return {
    hear(type: string) {
      if (type === 'PaymentRequested') said.push(...answers)
      if (type === 'PaymentRefundRequested') said.push('refunded')
    },
    moves: (side: MemoryWriteSide): readonly Move[] =>
      said.slice(0, 1).map((answer) => () => {
        said.shift()
        const data = { order_id, payment_key: order_id, answer, reference: 'ref' }
        side.carryOut({ contract: paymentCommands.RecordPaymentOutcome, data })
      }),
  }
}

const customerOf = ({ cancels, payment_method }: Scenario, side: MemoryWriteSide) => {
  let mayCancel = cancels
  let mayPay = payment_method === null
  const cancel = () => {
    mayCancel = false
    side.carryOut({ contract: orderCommands.CancelOrder, data: { order_id, reason: 'customer' } })
  }
  const pay = () => {
    mayPay = statusOf(side, 'orders') === 'CREATED'
    const data = { order_id, payment_method: 'card-ok' }
    side.carryOut({ contract: orderCommands.PayOrder, data })
  }
  return {
    moves: (): readonly Move[] => [...(mayCancel ? [cancel] : []), ...(mayPay ? [pay] : [])],
  }
}

const begin = ({ stock, address, payment_method }: Scenario, { carryOut }: MemoryWriteSide) => {
  const sku = 'prod-1'
  const product = { product_id, sku, name: 'Pillow', price: 16.25, currency: 'EUR', stock }
  carryOut({
    contract: productCommands.CreateProduct,
    data: { ...product, description: null },
  })
  const place = { recipient: null, street: 'Calle 26', city: 'Bogotá', country: 'CO' }
  carryOut({
    contract: orderCommands.CreateOrder,
    data: {
      order_id,
      customer_id: 'customer-1',
      items: [{ sku, quantity: 2 }],
      currency: 'EUR',
      shipping_address: address && { ...place, ...address },
      payment_method,
      locale: null,
    },
  })
}
