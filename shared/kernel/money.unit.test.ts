import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { decimalsOf } from './currencies.ts'
import {
  decimalText,
  type Money,
  moneyFault,
  moneyOf,
  split,
  sumOf,
  times,
  wireNumber,
} from './money.ts'

const currencies = ['JPY', 'EUR', 'KWD', 'CLF'] as const
const amount = fc.record({
  minor: fc.bigInt({ min: -999_999_999_999_999n, max: 999_999_999_999_999n }),
  currency: fc.constantFrom(...currencies),
})
const cents = (...minors: readonly number[]): readonly Money[] =>
  minors.map((minor) => ({ minor: BigInt(minor), currency: 'EUR' }))

describe('an amount', () => {
  test('is read to the last digit, whatever binary makes of it', () => {
    for (const [given, currency, minor] of [
      [39.9, 'EUR', 3990n],
      [0.07, 'EUR', 7n],
      [1.005, 'KWD', 1005n],
      [1.1, 'EUR', 110n],
      [1500, 'JPY', 1500n],
      [0, 'EUR', 0n],
      ['16.25', 'EUR', 1625n],
      ['-3.5', 'EUR', -350n],
      [9_999_999_999_999.99, 'EUR', 999_999_999_999_999n],
    ] as const)
      expect(moneyOf(given, currency)).toEqual({ minor, currency })
  })
  test.each([
    [1e308, 'EUR', 'at most 15 digits'],
    [10_000_000_000_000, 'EUR', 'at most 15 digits'],
    [Number.NaN, 'EUR', 'at most 15 digits'],
    [Number.POSITIVE_INFINITY, 'EUR', 'at most 15 digits'],
    ['NaN', 'EUR', 'at most 15 digits'],
    ['0x10', 'EUR', 'at most 15 digits'],
    [0.123456789012345, 'EUR', 'has 2 decimals'],
    [39.901, 'EUR', 'has 2 decimals'],
    [1e-7, 'EUR', 'has 2 decimals'],
    [0.1 + 0.2, 'EUR', 'has 2 decimals'],
    [1.5, 'JPY', 'has no decimals'],
    [1, 'XXX', 'no currency'],
    [1, 'eur', 'no currency'],
    [1, 'toString', 'no currency'],
  ] as const)('%p %s is none, and it is said why', (given, currency, why) => {
    expect(moneyFault(given, currency)).toContain(why)
    expect(() => moneyOf(given, currency)).toThrow(currency)
  })
  test('of -0 is none: nobody means it', () => {
    expect(moneyFault(-0, 'EUR')).toContain('-0')
    expect(moneyFault(0, 'EUR')).toBeUndefined()
  })
  test('goes over the wire and through text and comes back as it was', () => {
    fc.assert(
      fc.property(amount, (money) => {
        const text = decimalText(money)
        expect(moneyOf(text, money.currency)).toEqual(money)
        expect(text.split('.')[1]?.length ?? 0).toBe(decimalsOf(money.currency)!)
        const wire = JSON.parse(JSON.stringify({ price: wireNumber(money) })) as { price: number }
        expect(moneyOf(wire.price, money.currency)).toEqual(money)
      }),
    )
  })
  test('with more digits than a JSON number keeps is not sent as one', () => {
    const [most] = cents(999_999_999_999_999)
    expect(wireNumber(most!)).toBe(9_999_999_999_999.99)
    expect(() => wireNumber(times(most!, 10))).toThrow('too many digits')
  })
})

describe('sums and splits', () => {
  test('two of 16.25 and one of 10.00 are 42.50', () => {
    const lines = [times(moneyOf(16.25, 'EUR'), 2), times(moneyOf(10, 'EUR'), 1)]
    expect(decimalText(sumOf('EUR', lines))).toBe('42.50')
  })
  test('of two currencies are no sum', () => {
    expect(() => sumOf('EUR', [moneyOf(1, 'USD')])).toThrow('USD')
  })
  test('give the odd cent to whoever lost most by rounding, the first of equals', () => {
    expect(split(moneyOf(1, 'EUR'), [1, 1, 1])).toEqual(cents(34, 33, 33))
    expect(split(moneyOf(-1, 'EUR'), [1, 1, 1])).toEqual(cents(-34, -33, -33))
    expect(split(moneyOf(0.05, 'EUR'), [7, 3])).toEqual(cents(4, 1))
    expect(split(moneyOf(0.05, 'EUR'), [3, 0, 7])).toEqual(cents(2, 0, 3))
  })
  test('need somebody to split between', () => {
    for (const weights of [[], [0, 0], [2, -1]])
      expect(() => split(moneyOf(1, 'EUR'), weights)).toThrow('weights')
  })
  test('lose no cent, whatever is split by whatever, and no part is a unit off', () => {
    const weights = fc
      .array(fc.nat({ max: 1_000_000 }), { minLength: 1, maxLength: 20 })
      .filter((all) => all.some((weight) => weight > 0))
    fc.assert(
      fc.property(amount, weights, (money, shares) => {
        const parts = split(money, shares)
        expect(sumOf(money.currency, parts)).toEqual(money)
        const total = shares.reduce((sum, share) => sum + BigInt(share), 0n)
        for (const [index, { minor }] of parts.entries()) {
          const off = minor * total - money.minor * BigInt(shares[index]!)
          expect(off < total && off > -total).toBe(true)
        }
      }),
    )
  })
  test('of sums are sums of splits: a total is the same, line by line or at once', () => {
    const lines = fc.array(fc.tuple(fc.integer({ min: 0, max: 99_999 }), fc.nat({ max: 1000 })))
    fc.assert(
      fc.property(lines, (ordered) => {
        const each = ordered.map(([minor, quantity]) => times(cents(minor)[0]!, quantity))
        const exact = ordered.reduce((sum, [minor, quantity]) => sum + minor * quantity, 0)
        expect(sumOf('EUR', each).minor).toBe(BigInt(exact))
      }),
    )
  })
})
