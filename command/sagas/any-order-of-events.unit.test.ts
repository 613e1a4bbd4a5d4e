import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { fulfilmentWorld, type Scenario } from '../../tests/support/fulfilment-world.ts'

const scenario: fc.Arbitrary<Scenario> = fc.record({
  stock: fc.constantFrom(10, 10, 10, 1),
  payment_method: fc.constantFrom('card-ok', 'card-ok', null),
  address: fc.constantFrom<Scenario['address'][]>(
    { postal_code: null },
    { postal_code: null },
    { postal_code: '00000' },
    null,
  ),
  answers: fc.constantFrom<Scenario['answers'][]>(
    ['charged'],
    ['charged'],
    ['charged'],
    ['charged'],
    ['declined'],
    ['refused'],
    ['timeout'],
    ['timeout', 'charged'],
  ),
  cancels: fc.constantFrom(false, false, true),
})

test.each(['orchestration', 'choreography'] as const)(
  'by %s, whatever comes in whatever order, an order ends shipped and paid, or cancelled with all given back',
  (style) => {
    const ends = { SHIPPED: 0, CANCELLED: 0 }
    fc.assert(
      fc.property(
        scenario,
        fc.array(fc.nat({ max: 10_000 }), { maxLength: 60 }),
        (given, choices) => {
          const world = fulfilmentWorld(given, style)
          for (const choice of choices) world.step(choice)
          world.settle()
          const status = world.status('orders') as keyof typeof ends
          ends[status] += 1
          if (status === 'SHIPPED') {
            if (style === 'orchestration')
              expect(world.places()).toEqual([{ step: 'shipped', ended: true }])
            expect(world.charges()).toBe(1)
            expect(world.status('payments')).toBe('PROCESSED')
            expect(world.status('stock-holds')).toBe('COMMITTED')
            expect(world.status('shipping')).toBe(given.address ? 'PREPARED' : undefined)
            expect(world.level()).toMatchObject({ on_hand: given.stock - 2, held: 0 })
          } else {
            expect(status).toBe('CANCELLED')
            if (style === 'orchestration')
              expect(world.places()).toEqual([{ step: 'cancelled', ended: true }])
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
  },
)
