import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { fulfilmentWorld, type Scenario } from '../../tests/support/fulfilment-world.ts'

const scenario: fc.Arbitrary<Scenario> = fc.record({
  stock: fc.constantFrom(10, 10, 10, 1),
  payment_method: fc.constantFrom('card-ok', 'card-ok', null),
  postal_code: fc.constantFrom(null, null, null, '00000'),
  answers: fc.constantFrom<Scenario['answers'][]>(
    ['charged'],
    ['charged'],
    ['charged'],
    ['charged'],
    ['declined'],
    ['timeout'],
    ['timeout', 'charged'],
  ),
  cancels: fc.constantFrom(false, false, true),
})

test('whatever comes in whatever order, an order ends shipped and paid, or cancelled with all given back', () => {
  const ends = { SHIPPED: 0, CANCELLED: 0 }
  fc.assert(
    fc.property(
      scenario,
      fc.array(fc.nat({ max: 10_000 }), { maxLength: 60 }),
      (given, choices) => {
        const world = fulfilmentWorld(given)
        for (const choice of choices) world.step(choice)
        world.settle()
        expect(world.ended()).toBe(true)
        const status = world.status('orders') as keyof typeof ends
        ends[status] += 1
        if (status === 'SHIPPED') {
          expect(world.fulfilment()).toBe('shipped')
          expect(world.charges()).toBe(1)
          expect(world.status('payments')).toBe('PROCESSED')
          expect(world.status('stock-holds')).toBe('COMMITTED')
          expect(world.status('shipping')).toBe('PREPARED')
          expect(world.level()).toMatchObject({ on_hand: given.stock - 2, held: 0 })
        } else {
          expect(status).toBe('CANCELLED')
          expect(world.fulfilment()).toBe('cancelled')
          expect(world.charges()).toBe(0)
          expect(['PROCESSED', 'REFUNDING', 'REQUESTED']).not.toContain(world.status('payments'))
          expect(['RESERVED', 'COMMITTED']).not.toContain(world.status('stock-holds'))
          expect(world.status('shipping')).not.toBe('PREPARED')
          expect(world.level()).toMatchObject({ on_hand: given.stock, held: 0 })
        }
      },
    ),
    { numRuns: 1500 },
  )
  // Both ends are met, or this has shown little.
  expect(ends.SHIPPED).toBeGreaterThan(50)
  expect(ends.CANCELLED).toBeGreaterThan(50)
})
