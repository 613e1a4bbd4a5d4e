import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { PaymentMethod } from '../../shared/contracts/orders.ts'
import { type PaymentHouse, paymentHouse } from '../../tests/support/payment-house.ts'
import { sandboxProvider } from './sandbox.ts'

let house: PaymentHouse
beforeAll(async () => {
  house = await paymentHouse()
}, 60_000)
afterAll(() => house.close())

const script = join(import.meta.dir, '../../tests/support/payment-crash-child.ts')
const killedAt = async (step: string) => {
  const child = Bun.spawn([process.execPath, script, house.side.database.url, step], {
    stdout: 'ignore',
    stderr: 'ignore',
  })
  await child.exited
  expect(child.signalCode).toBe('SIGKILL')
}
/** By a gateway that lives; no other asks meanwhile. */
const settledBy = async (settle: () => Promise<void>, deadlineMs = 20_000) => {
  const patience = { deadlineMs, restMs: 5, longestRestMs: 20 }
  const gateway = house.ask({ provider: sandboxProvider(house.side.database), patience })
  await settle()
  await gateway.stop()
}
const moved = async (order: string) =>
  (await house.bookingsOf(order)).map(({ entry, answer, minor }) => `${entry} ${answer} ${minor}`)
const asked = async (method: PaymentMethod) => {
  const order = await house.charge(method)
  await house.carry()
  return order
}

describe('a gateway that is killed', () => {
  for (const step of ['before charge', 'after charge', 'before commit', 'after commit'])
    test(`${step}, has the card charged once by the next one`, async () => {
      const order = await asked('card-ok')
      await killedAt(step)
      await settledBy(() => house.reached(order, 'PROCESSED'))
      expect(await house.eventsOf(order)).toEqual(['PaymentRequested', 'PaymentProcessed'])
      expect(await moved(order)).toEqual(['charge charged 4250'])
    }, 30_000)

  for (const step of ['before look-up', 'after look-up'])
    test(`${step} of a late answer, has it found by the next one`, async () => {
      const order = await asked('card-late')
      await killedAt(step)
      await settledBy(() => house.reached(order, 'PROCESSED'), 100)
      const events = ['PaymentRequested', 'PaymentFailed', 'PaymentProcessed']
      expect(await house.eventsOf(order)).toEqual(events)
      expect(await moved(order)).toEqual(['charge charged 4250'])
    }, 30_000)

  for (const step of ['before refund', 'after refund'])
    test(`${step}, has the money given back once by the next one`, async () => {
      const order = await asked('card-ok')
      await settledBy(() => house.reached(order, 'PROCESSED'))
      await house.refund(order)
      await house.carry()
      await killedAt(step)
      await settledBy(() => house.reached(order, 'REFUNDED'))
      expect(await moved(order)).toEqual(['charge charged 4250', 'refund refunded 4250'])
    }, 30_000)
})
