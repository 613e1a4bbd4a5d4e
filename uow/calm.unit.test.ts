import { expect, test } from 'bun:test'
import { calmAfterStart } from './calm.ts'

const started = () => {
  let now = 1000
  const calm = calmAfterStart({ quietMs: 100, mostMs: 1000, clock: () => now })
  return {
    ...calm,
    after(ms: number) {
      now += ms
      return calm.reached()
    },
  }
}

test('it is calm when nothing has come for a while', () => {
  const calm = started()
  expect(calm.after(99)).toBe(false)
  calm.heard()
  expect(calm.after(99)).toBe(false)
  expect(calm.after(1)).toBe(true)
})

test('once it is, what comes does not disturb it, and an outage does', () => {
  const calm = started()
  expect(calm.after(100)).toBe(true)
  calm.heard()
  expect(calm.after(0)).toBe(true)
  calm.shaken()
  expect(calm.after(99)).toBe(false)
  expect(calm.after(1)).toBe(true)
})

test('a stream that never pauses does not keep it from being calm for ever', () => {
  const calm = started()
  for (let ms = 0; ms < 990; ms += 10) {
    calm.heard()
    expect(calm.after(10)).toBe(false)
  }
  calm.heard()
  expect(calm.after(10)).toBe(true)
})
