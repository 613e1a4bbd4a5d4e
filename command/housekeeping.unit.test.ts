import { expect, test } from 'bun:test'
import { pino } from 'pino'
import { keepHouse } from './housekeeping.ts'

test('chores come round again, also after one of them failed, and end when stopped', async () => {
  const lines: string[] = []
  const logger = pino({ level: 'debug' }, { write: (line) => void lines.push(line) })
  let rounds = 0
  let thrice = () => {}
  const done = new Promise<void>((resolve) => (thrice = resolve))
  const house = keepHouse(
    {
      failing: () => Promise.reject(new Error('database away')),
      counting: async () => {
        rounds += 1
        if (rounds === 3) thrice()
        return rounds
      },
    },
    logger,
    1,
  )
  await done
  await house.stop()
  const after = rounds
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(rounds).toBe(after)
  expect(lines.join()).toContain('database away')
})
