import { expect, test } from 'bun:test'
import { Registry } from 'prom-client'
import type { TopicStats } from '../../shared/messaging/port.ts'
import { checkpointMeter } from './checkpoints.ts'
import { backlogReader, lagMeter } from './lag.ts'
import type { Stream, StreamEvent } from './view.ts'

const users = { module: 'users', contracts: {} } as unknown as Stream

const stats = (backlog: number): TopicStats => ({
  topic: 'events',
  partitions: 1,
  subscriptions: [
    { name: 'notifier', backlog: 99 },
    { name: 'projector', backlog },
  ],
})

const event = (module: string, time: number) => ({ module, time: new Date(time) }) as StreamEvent

test('the backlog is the projector’s own, asked for once a second', async () => {
  const asked: string[] = []
  let time = 0
  const backlogOf = backlogReader(
    {
      async stats(topic) {
        asked.push(topic)
        return stats(asked.length)
      },
    },
    () => time,
  )
  expect(await Promise.all([backlogOf('users'), backlogOf('users')])).toEqual([1, 1])
  time = 1000
  expect(await backlogOf('users')).toBe(2)
  expect(asked[0]).toBe('persistent://aeroalpes/events/users')
})

test('a broker that does not answer leaves the backlog unknown, and nobody unready', async () => {
  const backlogOf = backlogReader({ stats: () => Promise.reject(new Error('away')) })
  const meter = lagMeter({ modules: ['users'], backlogOf, registry: new Registry() })
  expect(await backlogOf('users')).toBeNull()
  expect(await meter.check()).toMatchObject([
    { ok: true, detail: 'unknown events wait, 0 s behind' },
  ])
})

test('an event that comes after a quiet hour is not an hour late', async () => {
  let [backlog, now] = [0, 3_600_000]
  const meter = lagMeter({
    modules: ['users'],
    backlogOf: async () => backlog,
    registry: new Registry(),
    now: () => now,
  })
  meter.projected([event('users', 0)])
  await meter.check()
  ;[backlog, now] = [1, now + 5000]
  expect(await meter.check()).toMatchObject([{ ok: true, detail: '1 events wait, 5 s behind' }])
  now += 60_000
  expect(await meter.check()).toMatchObject([{ ok: false }])
})

test('what is not known any more is not told: neither lag nor backlog', async () => {
  let backlog: number | null = 5
  const registry = new Registry()
  const backlogOf = async () => backlog
  lagMeter({ modules: ['users'], backlogOf, registry })
  checkpointMeter({
    projections: [{ name: 'users', streams: [users], heads: [], views: [] }],
    backlogOf,
    registry,
  })
  expect(await registry.metrics()).toMatch(/backlog_events\{[^}]*\} 5[^]*waiting_events\{[^}]*\} 5/)
  backlog = null
  const text = await registry.metrics()
  expect(text.split('\n').filter((line) => line && !line.startsWith('#'))).toEqual([])
})

test('views are behind by the age of the last event applied, while others wait', async () => {
  let backlog = 5
  const registry = new Registry()
  const meter = lagMeter({
    modules: ['users', 'reservations'],
    backlogOf: async (module) => (module === 'users' ? backlog : 0),
    registry,
    now: () => 100_000,
  })
  meter.projected([event('users', 30_000), event('users', 20_000), event('reservations', 1000)])
  expect(await meter.check()).toEqual([
    { name: 'lag of users', ok: false, detail: '5 events wait, 70 s behind' },
    { name: 'lag of reservations', ok: true, detail: '0 events wait, 0 s behind' },
  ])
  const text = await registry.metrics()
  expect(text).toContain('aero_projection_lag_seconds{module="users"} 70')
  expect(text).toContain('aero_projection_backlog_events{module="users"} 5')
  backlog = 0
  expect(await registry.metrics()).toContain('aero_projection_lag_seconds{module="users"} 0')
})
