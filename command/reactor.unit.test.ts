import { expect, test } from 'bun:test'
import { heard } from '../tests/support/fulfilment.ts'
import { events, readers, readersIn, timersTopic } from '../shared/contracts/topology.ts'
import type { AnySaga, SagaEvent } from '../uow/saga.ts'
import { inventoryReactor } from './inventory/index.ts'
import { ordersReactor } from './orders/index.ts'
import { paymentsReactor } from './payments/index.ts'
import { shippingReactor } from './shipping/index.ts'

const { created, reserved, charged, committed, prepared, undeliverable, cancelled, due } = heard
const reactors = [
  ['inventory', inventoryReactor()],
  ['payments', paymentsReactor()],
  ['shipping', shippingReactor()],
  ['orders', ordersReactor()],
] as const
const stories: readonly (readonly SagaEvent[])[] = [
  [created(), reserved, charged, committed, prepared],
  [created(), reserved, charged, committed, undeliverable],
  [created(), reserved, charged, committed, prepared, cancelled],
  [created(null), reserved, due('unpaid')],
  [created(), reserved, due('deadline')],
]

/** The modules that are told something, whatever happens. */
const toldBy = (reactor: AnySaga) =>
  new Set(
    stories.flatMap((story) => {
      let state: object | undefined
      return story
        .filter(({ type }) => type === 'TimerFired' || type in reactor.contracts)
        .flatMap((event) => {
          const reaction = reactor.react(state as never, event as never)
          state = reaction?.state
          return (reaction?.commands ?? []).map(({ contract }) => contract.module)
        })
    }),
  )

test.each(reactors)('the reactor of %s tells its own module alone what to do', (name, reactor) => {
  expect([...toldBy(reactor)]).toEqual([name])
})

test.each(reactors)(
  'the subscription of the reactor of %s reads all that it hears of',
  (name, reactor) => {
    const topics = Object.values(reactor.contracts).map(({ topic }) => topic)
    const setsTimers = name === 'inventory' || name === 'payments'
    const wanted = new Set([...topics, ...(setsTimers ? [timersTopic] : [])])
    expect([...readers[`reactor.${name}`]].toSorted()).toEqual([...wanted].toSorted())
    expect(reactor.name).toBe(`reactor.${name}`)
  },
)

test('nothing is kept for those who do not listen in this style', () => {
  const reads = (style: 'orchestration' | 'choreography') =>
    Object.entries(readersIn(style))
      .filter(([, topics]) => topics.includes(events.OrderCreated.topic))
      .map(([name]) => name)
      .filter((name) => name === 'process-manager' || name.startsWith('reactor.'))
  expect(reads('orchestration')).toEqual(['process-manager'])
  expect(reads('choreography')).toEqual(reactors.map(([name]) => `reactor.${name}`))
})
