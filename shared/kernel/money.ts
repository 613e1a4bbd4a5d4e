import { decimalsOf } from './currencies.ts'
import { Misuse } from './fates.ts'

/** An exact amount: whole minor units (cents, yen, fils) of an ISO 4217 currency. */
export interface Money {
  readonly minor: bigint
  readonly currency: string
}

/**
 * Fifteen digits: as many as a JSON number carries there and back, whatever they are (IEEE 754 binary64
 * keeps every decimal of up to 15 significant digits).
 */
const mostMinor = 999_999_999_999_999n

/**
 * Why an amount is not one of this currency, in words for the sender; `undefined` when it is. Numbers
 * count as the shortest decimal that reads back as them, which is what was typed.
 */
export const moneyFault = (amount: number | string, currency: string): string | undefined => {
  const digits = decimalsOf(currency)
  if (digits === undefined) return `${currency} is no currency of ISO 4217`
  if (Object.is(amount, -0)) return 'must not be -0'
  const [, , whole, fraction = ''] = partsOf(amount) ?? []
  if (whole === undefined) return Math.abs(Number(amount)) < 1 ? tooFine(currency, digits) : tooLong
  if (fraction.length > digits) return tooFine(currency, digits)
  return BigInt(whole + fraction.padEnd(digits, '0')) > mostMinor ? tooLong : undefined
}

const tooLong = 'must be a decimal of at most 15 digits'

const tooFine = (currency: string, digits: number) =>
  `${currency} has ${digits === 0 ? 'no' : digits} decimals, and no finer amounts`

/** Sign, whole part and decimals; not of what only an exponent can say. */
const partsOf = (amount: number | string) => /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(amount))

/** The amount, exactly. Throws `Misuse` slug `inexact-money` where `moneyFault` finds one. */
export const moneyOf = (amount: number | string, currency: string): Money => {
  const fault = moneyFault(amount, currency)
  const [, sign, whole = '', fraction = ''] = partsOf(amount) ?? []
  const digits = decimalsOf(currency)
  if (fault !== undefined || digits === undefined)
    throw new Misuse('inexact-money', `${amount} ${currency}: ${fault}`)
  const minor = BigInt(whole + fraction.padEnd(digits, '0'))
  return { minor: sign === '-' ? -minor : minor, currency }
}

/** As a decimal with all digits of its currency: `39.90`. */
export const decimalText = ({ minor, currency }: Money): string => {
  const digits = decimalsOf(currency) ?? 0
  const padded = String(minor < 0n ? -minor : minor).padStart(digits + 1, '0')
  const at = padded.length - digits
  const text = digits === 0 ? padded : `${padded.slice(0, at)}.${padded.slice(at)}`
  return minor < 0n ? `-${text}` : text
}

/** As a JSON number. Throws `Misuse` slug `inexact-money` for more than fifteen digits. */
export const wireNumber = (money: Money): number => Number(decimalText(within(money)))

const within = (money: Money): Money => {
  if (money.minor <= mostMinor && money.minor >= -mostMinor) return money
  throw new Misuse('inexact-money', `${decimalText(money)} ${money.currency} has too many digits`)
}

/** Throws `Misuse` slug `mixed-currencies`. */
export const sumOf = (currency: string, amounts: readonly Money[]): Money => {
  const other = amounts.find((amount) => amount.currency !== currency)
  if (other) throw new Misuse('mixed-currencies', `${other.currency} added to ${currency}`)
  return { minor: amounts.reduce((sum, { minor }) => sum + minor, 0n), currency }
}

/** Throws a `RangeError` for a `factor` that is no whole number. */
export const times = ({ minor, currency }: Money, factor: number): Money => ({
  minor: minor * BigInt(factor),
  currency,
})

/**
 * Splits an amount into parts in the proportion of `weights`, to the last minor unit: the parts add up
 * to the amount, and each is less than one unit away from its share. What remains after rounding down
 * goes to the parts that lost most, the earlier one first. Throws `Misuse` slug `unsplittable` without
 * a positive weight.
 */
export const split = ({ minor, currency }: Money, weights: readonly number[]): readonly Money[] => {
  const sizes = weights.map(BigInt)
  const total = sizes.reduce((sum, size) => sum + size, 0n)
  if (total <= 0n || sizes.some((size) => size < 0n))
    throw new Misuse('unsplittable', 'weights are whole numbers from 0, not all of them 0')
  const [sign, amount] = minor < 0n ? [-1n, -minor] : [1n, minor]
  const parts = sizes.map((size) => (amount * size) / total)
  const left = amount - parts.reduce((sum, part) => sum + part, 0n)
  const lost = (index: number) => (amount * (sizes[index] ?? 0n)) % total
  const neediest = [...parts.keys()].sort((a, b) => Number(lost(b) - lost(a)) || a - b)
  const raised = new Set(neediest.slice(0, Number(left)))
  return parts.map((part, index) => ({
    minor: sign * (part + (raised.has(index) ? 1n : 0n)),
    currency,
  }))
}
