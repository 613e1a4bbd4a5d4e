import { expect, test } from 'bun:test'
import { Registry } from 'prom-client'
import { holdEvents } from '../../shared/contracts/inventory.ts'
import { orderEvents } from '../../shared/contracts/orders.ts'
import { reservationEvents } from '../../shared/contracts/reservations.ts'
import { userVault } from '../../shared/vault/user-keys.ts'
import { allStreams } from '../streams.ts'
import { checkpointMeter } from './checkpoints.ts'
import { findProjection, projectionsOf } from './projections.ts'
import type { StreamEvent } from './view.ts'

const nowhere = { query: () => Promise.reject(new Error('nothing is asked for')) }
const projections = projectionsOf(allStreams(userVault(nowhere, '')))

const event = ({ type }: { readonly type: string }, seconds: number) =>
  ({ type, time: new Date(seconds * 1000) }) as StreamEvent

test('what shares a view is one projection, found by the name of any view or table of it', () => {
  expect(findProjection(projections, 'order_history')?.name).toBe('orders')
  expect(findProjection(projections, 'payments')?.name).toBe('orders')
  expect(findProjection(projections, 'order_customers')?.name).toBe('users')
  expect(findProjection(projections, 'products_read')?.name).toBe('products')
  expect(findProjection(projections, 'notifications')).toBeUndefined()
  const views = projections.flatMap((projection) => projection.views)
  expect(new Set(views).size).toBe(views.length)
})

test('the newest event of each projection and what waits for it are told', async () => {
  const registry = new Registry()
  const backlogs: Readonly<Record<string, number>> = { orders: 3, inventory: 4 }
  const meter = checkpointMeter({
    projections,
    registry,
    backlogOf: async (module) => (module === 'users' ? null : (backlogs[module] ?? 0)),
  })
  meter.projected([event(orderEvents.OrderCreated, 20), event(holdEvents.StockReserved, 10)])
  meter.projected([event(reservationEvents.ReservationCreated, 5)])
  const text = await registry.metrics()
  expect(text).toContain('aero_projection_checkpoint_timestamp_seconds{projection="orders"} 20')
  expect(text).toContain(
    'aero_projection_checkpoint_timestamp_seconds{projection="reservations"} 5',
  )
  expect(text).toContain('aero_projection_waiting_events{projection="orders"} 7')
  expect(text).not.toContain('projection="users"')
})
