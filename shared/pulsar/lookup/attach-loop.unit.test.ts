import { expect, test } from 'bun:test'
import { PulsarError } from '../errors.ts'
import { AttachLoop } from './attach-loop.ts'
import { AnswerTime, patiently } from './patience.ts'

const loopOf = (outcomes: readonly (PulsarError | undefined)[], operationTimeoutMs = 1_000) => {
  let attempts = 0
  let ended = (_reason: PulsarError): void => undefined
  const end = new Promise<PulsarError>((resolve) => (ended = resolve))
  const loop = new AttachLoop({
    attach: () => {
      const outcome = outcomes[Math.min(attempts++, outcomes.length - 1)]
      return outcome ? Promise.reject(outcome) : Promise.resolve()
    },
    busy: 'producer-busy',
    operationTimeoutMs,
    onEnded: ended,
  })
  return { loop, end, attempts: () => attempts }
}

const refused = (code: PulsarError['code']) => new PulsarError(code, code)

test('the first answer has a sixth of the time, and those after one that did not come twice as much', () => {
  const answer = new AnswerTime(30_000)
  const times = [1, 2, 3, 4].map(() => {
    const { ms } = answer
    answer.missed()
    return ms
  })
  expect(times).toEqual([5_000, 10_000, 20_000, 30_000])
})

test('what stays wrong is not tried again', async () => {
  const { loop, attempts } = loopOf([refused('authentication')])
  await expect(loop.first()).rejects.toMatchObject({ code: 'authentication' })
  expect(attempts()).toBe(1)
})

test('what may pass is tried for the time of an operation, then its error is thrown', async () => {
  const { loop, attempts } = loopOf([refused('service-not-ready')], 150)
  await expect(loop.first()).rejects.toMatchObject({ code: 'service-not-ready' })
  expect(attempts()).toBeGreaterThan(1)
})

test('whoever was told to wait for its turn loses no time by it', async () => {
  let attempts = 0
  const attached = patiently(async () => {
    if (attempts++ > 0) return 'attached'
    await new Promise((resolve) => setTimeout(resolve, 60))
    throw refused('connection')
  }, 30)
  expect(await attached).toBe('attached')
})

test('who was welcome is not lost to a broker that starts and refuses at first', async () => {
  const refusals = ['authorization', 'producer-busy'] as const
  const { loop, attempts } = loopOf([...refusals.map(refused), undefined], 60_000)
  await loop.again()
  expect(attempts()).toBe(3)
  expect(loop.stopped).toBe(false)
})

test('refused for the whole time of an operation, it is over', async () => {
  const { loop, end, attempts } = loopOf([refused('authentication')], 120)
  await loop.again()
  expect(await end).toMatchObject({ code: 'authentication' })
  expect(attempts()).toBeGreaterThan(1)
})

test('fenced it is over at once: trying again would throw the new leader out', async () => {
  const { loop, end, attempts } = loopOf([refused('producer-fenced')], 60_000)
  await loop.again()
  expect(await end).toMatchObject({ code: 'producer-fenced' })
  expect(attempts()).toBe(1)
})
