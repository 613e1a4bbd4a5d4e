import { expect, test } from 'bun:test'
import { firstPulse } from './first-pulse.ts'

const failing = (times: number) => {
  const pulse = {
    count: 0,
    async now() {
      pulse.count += 1
      if (pulse.count <= times) throw new Error(`away ${pulse.count}`)
    },
  }
  return pulse
}

test('a session that blinks while a consumer joins does not fail the consumer', async () => {
  const pulse = failing(2)
  await firstPulse(pulse)
  expect(pulse.count).toBe(3)
})

test('a broker that stays away is passed on', async () => {
  await expect(firstPulse(failing(100))).rejects.toThrow('away 5')
})
