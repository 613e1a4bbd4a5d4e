import { expect, test } from 'bun:test'
import pino from 'pino'
import { until } from '../../tests/support/until.ts'
import { Invalid, Misuse, Poison, Transient } from '../../shared/kernel/fates.ts'
import { PulsarError } from '../../shared/pulsar/errors.ts'
import { forward, type Route } from './forwarding.ts'

const silent = pino({ level: 'silent' })

/** A topic of texts: what is not acknowledged comes again with the next opening. */
const scripted = (texts: readonly string[], carry: (text: string) => Promise<void>) => {
  const acknowledged = new Set<string>()
  const aside: string[] = []
  let opened = 0
  let closed = 0
  const open = async (): Promise<Route<string>> => {
    opened++
    let waiting = texts.filter((text) => !acknowledged.has(text))
    return {
      async receive(signal) {
        const batch = waiting
        waiting = []
        if (batch.length > 0) return batch
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
        return []
      },
      carry,
      putAside: async (text) => void aside.push(text),
      acknowledge: async (done) => done.forEach((text) => acknowledged.add(text)),
      close: async () => void closed++,
    }
  }
  return { open, acknowledged, aside, opened: () => opened, closed: () => closed }
}

test('what is carried is acknowledged, and not before', async () => {
  const arrived = Promise.withResolvers<void>()
  const topic = scripted(['a', 'b'], () => arrived.promise)
  const forwarding = await forward('t', topic.open, silent)
  expect(topic.acknowledged.size).toBe(0)
  arrived.resolve()
  await until(() => topic.acknowledged.size === 2)
  await forwarding.stop()
  expect(topic.closed()).toBe(1)
})

test('what could not be carried comes again, what was carried does not', async () => {
  const carried: string[] = []
  let failures = 2
  const topic = scripted(['a', 'b'], async (text) => {
    if (text === 'b' && failures-- > 0) throw new Transient('broker-unavailable', 'away')
    carried.push(text)
  })
  const forwarding = await forward('t', topic.open, silent)
  await until(() => topic.opened() > 1)
  expect(forwarding.check()).toMatchObject({ ok: false })
  await until(() => topic.acknowledged.size === 2)
  expect(carried).toEqual(['a', 'b'])
  await until(() => forwarding.check().ok)
  await forwarding.stop()
  expect(topic.closed()).toBe(topic.opened())
})

test('what can be carried nowhere is put aside, and acknowledged only then', async () => {
  const topic = scripted(['bad', 'good'], async (text) => {
    if (text === 'bad') throw new Poison('unreadable-message', 'no Avro')
  })
  const forwarding = await forward('t', topic.open, silent)
  await until(() => topic.acknowledged.size === 2)
  expect(topic.aside).toEqual(['bad'])
  await forwarding.stop()
})

test('what the broker never takes is put aside too, and blocks nobody', async () => {
  const topic = scripted(['huge', 'good'], async (text) => {
    if (text === 'huge') throw new Invalid('6000000 bytes', [], 'message-too-large')
  })
  const forwarding = await forward('t', topic.open, silent)
  await until(() => topic.acknowledged.size === 2)
  expect(topic.aside).toEqual(['huge'])
  await forwarding.stop()
})

test('a broker that is away at the start is waited for', async () => {
  const topic = scripted(['a'], async () => {})
  let attempts = 0
  const open = async () => {
    if (++attempts < 3) throw new PulsarError('connection', 'refused')
    return topic.open()
  }
  const forwarding = await forward('t', open, silent)
  await until(() => topic.acknowledged.size === 1)
  await forwarding.stop()
})

const final = [
  new PulsarError('incompatible-schema', 'another schema is registered'),
  new Misuse('broker-authorization', 'the role may not'),
]

test.each(final.map((error) => [error.message, error] as const))(
  'what no waiting mends ends the start: %s',
  async (_, error) => {
    await expect(forward('t', () => Promise.reject(error), silent)).rejects.toBe(error)
  },
)
