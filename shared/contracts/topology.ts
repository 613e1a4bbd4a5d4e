import type { Contract } from './contract.ts'
import { flightCommands, flightEvents } from './flights.ts'
import { holdEvents, inventoryCommands, stockEvents } from './inventory.ts'
import { orderCommands, orderEvents } from './orders.ts'
import { paymentCommands, paymentEvents } from './payments.ts'
import { productCommands, productEvents } from './products.ts'
import { CommandFinished } from './receipts.ts'
import { reservationCommands, reservationEvents } from './reservations.ts'
import { shippingCommands, shippingEvents } from './shipping.ts'
import { TimerFired } from './timers.ts'
import { earlierContracts } from './upcasting.ts'
import { userCommands, userEvents } from './users.ts'

/** Every command and event of the system, by `ce_type`'s name. */
export const commands = {
  ...userCommands,
  ...reservationCommands,
  ...flightCommands,
  ...productCommands,
  ...inventoryCommands,
  ...paymentCommands,
  ...shippingCommands,
  ...orderCommands,
} as const
export const events = {
  ...userEvents,
  ...reservationEvents,
  ...flightEvents,
  ...productEvents,
  ...holdEvents,
  ...stockEvents,
  ...paymentEvents,
  ...shippingEvents,
  ...orderEvents,
} as const

export type Commands = typeof commands
export type Events = typeof events
export type CommandName = keyof Commands
export type EventName = keyof Events

export const commandTopics = topicsOf(Object.values(commands))
export const eventTopics = topicsOf(Object.values(events))
export const outcomesTopic = CommandFinished.topic
/** Keeps the time for sagas; no view is made of it. */
export const timersTopic = TimerFired.topic

const allContracts: readonly Contract[] = [
  ...Object.values(commands),
  ...Object.values(events),
  CommandFinished,
  TimerFired,
]

/** What a topic carries, in all versions; nothing for dead letters: those carry what was given up. */
export const contractsOf = (topic: string): readonly Contract[] =>
  allContracts
    .filter((contract) => contract.topic === topic)
    .flatMap((contract) => [...earlierContracts(contract), contract])

export const subscriptions = {
  worker: 'command-worker',
  projector: 'projector',
  searchIndexer: 'search-indexer',
  notifier: 'notifier',
  bridge: 'tutorial-bridge',
  paymentGateway: 'payment-gateway',
  processManager: 'process-manager',
  inventoryReactor: 'reactor.inventory',
  paymentsReactor: 'reactor.payments',
  shippingReactor: 'reactor.shipping',
  ordersReactor: 'reactor.orders',
} as const
export type Subscription = (typeof subscriptions)[keyof typeof subscriptions]

const fulfilmentTopics = topicsOf(
  [orderEvents, holdEvents, paymentEvents, shippingEvents].flatMap((of) => Object.values(of)),
)

/** Which durable subscription reads which topics: created with the topics, so that nothing is missed. */
export const readers: Readonly<Record<Subscription, readonly string[]>> = {
  'command-worker': commandTopics,
  projector: eventTopics,
  'search-indexer': [productEvents.ProductUpdated.topic],
  notifier: topicsOf([userEvents, orderEvents, shippingEvents].flatMap((of) => Object.values(of))),
  'tutorial-bridge': [reservationEvents.ReservationCreated.topic],
  'payment-gateway': [paymentEvents.PaymentRequested.topic],
  'process-manager': [...fulfilmentTopics, timersTopic],
  'reactor.inventory': [...fulfilmentTopics, timersTopic],
  'reactor.payments': [...fulfilmentTopics, timersTopic],
  'reactor.shipping': topicsOf(
    [orderEvents, holdEvents, shippingEvents].flatMap((of) => Object.values(of)),
  ),
  'reactor.orders': fulfilmentTopics,
}

/** How orders are carried through, and who listens in each style. */
const fulfilmentReaders = {
  orchestration: ['process-manager'],
  choreography: ['reactor.inventory', 'reactor.payments', 'reactor.shipping', 'reactor.orders'],
} as const satisfies Readonly<Record<string, readonly Subscription[]>>
export type FulfilmentStyle = keyof typeof fulfilmentReaders

/** Those that somebody reads in this style: what nobody reads would be kept for ever. */
export const readersIn = (style: FulfilmentStyle): Readonly<Record<string, readonly string[]>> => {
  const idle = Object.entries(fulfilmentReaders).flatMap(([other, names]): readonly string[] =>
    other === style ? [] : names,
  )
  return Object.fromEntries(Object.entries(readers).filter(([name]) => !idle.includes(name)))
}

/** Reads the dead letters of a subscription; made with their topic, so that nothing vanishes. */
export const deadLetterReader = 'inspect'

export const deadLetterTopic = (subscription: string): string =>
  `persistent://aeroalpes/dead-letters/${subscription}`

function topicsOf(contracts: readonly { readonly topic: string }[]): readonly string[] {
  return [...new Set(contracts.map(({ topic }) => topic))].sort()
}

const contractTenant = 'persistent://aeroalpes/'

/** A topic as the tenant that it lives in calls it; contracts call all tenants by one name. */
export const inTenant = (topic: string, tenant: string): string =>
  topic.startsWith(contractTenant)
    ? `persistent://${tenant}/${topic.slice(contractTenant.length)}`
    : topic
