import { expect, test } from 'bun:test'
import { silent } from '../../tests/support/delivery-probe.ts'
import { Misuse, Transient } from '../kernel/fates.ts'
import { createLogger } from '../telemetry/logger.ts'
import { bell } from './bell.ts'
import { outageOf } from './outage.ts'
import { backoff, pause } from './pause.ts'

const never = 600_000

test('a pause ends at once when its signal aborts, before or meanwhile', async () => {
  await pause(never, AbortSignal.abort())
  const meanwhile = new AbortController()
  const paused = pause(never, meanwhile.signal)
  meanwhile.abort()
  await paused
})

test('pauses double up to the most, less up to half at random', () => {
  for (let attempt = 1; attempt < 12; attempt++) {
    const full = Math.min(1000, 100 * 2 ** (attempt - 1))
    const rest = backoff(attempt, 100, 1000)
    expect(rest).toBeGreaterThanOrEqual(full / 2)
    expect(rest).toBeLessThanOrEqual(full)
  }
})

test('an outage says why when it begins, and once more for every other reason', async () => {
  const said: string[] = []
  const destination = {
    write: (line: string) => void said.push((JSON.parse(line) as { msg: string }).msg),
  }
  const logger = createLogger({ level: 'info', name: 'test', destination })
  const outage = outageOf('it', logger, AbortSignal.abort())
  const away = new Transient('broker-unavailable', 'connection refused')
  for (const error of [away, away, new Misuse('broker-authentication', 'a wrong token'), away]) {
    outage.met(error)
    await Promise.resolve()
  }
  outage.ended()
  expect(said).toEqual([
    'it is away: pausing until it is back',
    'it is still of no use: a wrong token',
    'it is back',
  ])
})

test('a bell that rang during the work is heard, and many rings are one', async () => {
  const signal = new AbortController()
  const alarm = bell(signal.signal)
  alarm.ring()
  alarm.ring()
  await alarm.rung(never)
  let second = false
  const waiting = alarm.rung(never).then(() => (second = true))
  await Promise.resolve()
  expect(second).toBe(false)
  alarm.ring()
  await waiting
})

test('an outage makes everybody wait until it is worth trying, and is over when something answers', async () => {
  const stop = new AbortController()
  const outage = outageOf('it', silent, stop.signal)
  await outage.over()
  expect(outage.since()).toBeUndefined()
  outage.met(new Error('away'))
  let tried = false
  const waiting = outage.over().then(() => (tried = true))
  await Promise.resolve()
  expect(tried).toBe(false)
  expect(outage.since()).toBeInstanceOf(Date)
  await waiting
  outage.ended()
  expect(outage.since()).toBeUndefined()
  outage.met(new Error('away'))
  stop.abort()
  await outage.over()
})
