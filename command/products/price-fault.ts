import { moneyFault } from '../../shared/kernel/money.ts'

/** Why something cannot be sold at this price; `undefined` when it can. Nothing is a price, too. */
export const priceFault = (price: number, currency: string): string | undefined =>
  price < 0 ? 'must not be negative' : moneyFault(price, currency)
