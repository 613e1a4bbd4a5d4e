import { expect, test } from 'bun:test'
import { Misuse, Transient } from '../shared/kernel/fates.ts'
import type { Broker, OutgoingMessage } from '../shared/messaging/port.ts'
import { createLogger } from '../shared/telemetry/logger.ts'
import { until } from '../tests/support/until.ts'
import { gatedBroker } from './gated-broker.ts'

const logger = createLogger({ level: 'silent', name: 'test' })
const away = () => new Transient('broker-unavailable', 'away')
const message = (key: string): OutgoingMessage => ({
  key,
  payload: new Uint8Array(),
  properties: {},
})

/** A broker that only notes what is published, behind a gate that `prepare` opens. */
const gated = (prepare: () => Promise<void>) => {
  const stored: string[] = []
  const publish = async (_topic: string, { key }: OutgoingMessage) => {
    stored.push(key)
    return key
  }
  const inner = { publisher: () => ({ publish, close: async () => {} }), check: async () => {} }
  const { signal } = new AbortController()
  const gate = gatedBroker(inner as unknown as Broker, { place: 'it', prepare, logger, signal })
  return { ...gate, stored }
}

test('what is published while the broker is being asked waits for the answer, in its order', async () => {
  const asked = Promise.withResolvers<void>()
  const { broker, stored, firstTry } = gated(() => asked.promise)
  const publisher = broker.publisher()
  const publishing = ['a', 'b'].map((key) => publisher.publish('t', message(key)))
  expect(stored).toEqual([])
  asked.resolve()
  await firstTry
  publishing.push(publisher.publish('t', message('c')))
  await Promise.all(publishing)
  expect(stored).toEqual(['a', 'b', 'c'])
})

test('nobody overtakes who waits, in whichever moment of the opening they come', async () => {
  const asked = Promise.withResolvers<void>()
  const { broker, stored } = gated(() => asked.promise)
  const publisher = broker.publisher()
  const keys = Array.from({ length: 30 }, (_, n) => `m${n}`)
  const publishing: Promise<string>[] = []
  for (const [n, key] of keys.entries()) {
    publishing.push(publisher.publish('t', message(key)))
    if (n === 5) asked.resolve()
    if (n >= 5) await Promise.resolve()
  }
  await Promise.all(publishing)
  expect(stored).toEqual(keys)
})

test('a broker that is away lets roles start, refuses their work as away, and is found when it comes', async () => {
  let tries = 0
  const { broker, firstTry } = gated(async () => {
    if (++tries < 3) throw away()
  })
  await firstTry
  const publisher = broker.publisher()
  await expect(publisher.publish('t', message('a'))).rejects.toMatchObject({
    slug: 'broker-unavailable',
  })
  await expect(broker.check()).rejects.toMatchObject({
    slug: 'broker-unavailable',
    message: expect.stringContaining(away().message),
  })
  await until(() => tries === 3)
  await until(() => publisher.publish('t', message('b')).catch(() => false))
  await broker.check()
})

test('a broker that is of no use ends the start, at once or when it comes', async () => {
  const useless = () => Promise.reject(new Misuse('broker-authentication', 'wrong token'))
  await expect(gated(useless).firstTry).rejects.toThrow('wrong token')
  let tries = 0
  const late = gated(() => (++tries === 1 ? Promise.reject(away()) : useless()))
  await late.firstTry
  await expect(late.refused).rejects.toThrow('wrong token')
})
