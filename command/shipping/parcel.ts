import type { ShippingAddress } from '../../shared/contracts/orders.ts'
import type { ShipmentItem } from '../../shared/contracts/shipping.ts'
import { derivedId } from '../../shared/kernel/ids.ts'
import { homeCountry, isCountry } from './countries.ts'

/**
 * Why nobody can bring a parcel there; `undefined` where somebody can. An address is undeliverable when
 * its country is none of ISO 3166-1, or when its postal code is nothing but zeros, which no country has.
 */
export const undeliverable = ({ country, postal_code }: ShippingAddress): string | undefined => {
  if (!isCountry(country.toUpperCase())) return `${country} is no country of ISO 3166-1`
  if (postal_code !== null && /^0+$/.test(postal_code.replaceAll(/[\s-]/g, '')))
    return `there is no postal code ${postal_code}`
  return undefined
}

/** Ids follow from the order: whenever it is decided again, it is the same parcel. */
export const parcelOf = (
  order_id: string,
  address: ShippingAddress,
  items: readonly ShipmentItem[],
  locale: string | undefined,
) => {
  const country = address.country.toUpperCase()
  const isForeign = country !== homeCountry
  const shipment_id = derivedId('shipment', order_id)
  return {
    shipment_id,
    carrier: isForeign ? 'Alpes Global' : 'Alpes Express',
    tracking: `AA${shipment_id.replaceAll('-', '').slice(-14).toUpperCase()}${homeCountry}`,
    country,
    customs_note: isForeign ? customsNote(items, locale) : null,
  }
}

const declarations: Readonly<Record<string, string>> = {
  es: 'Declaración de aduana, mercancía vendida',
  en: 'Customs declaration, goods sold',
  it: 'Dichiarazione doganale, merce venduta',
}

const customsNote = (items: readonly ShipmentItem[], locale = 'en') => {
  const [language = ''] = locale.toLowerCase().split(/[-_]/)
  const declaration = declarations[Object.hasOwn(declarations, language) ? language : 'en']
  return `${declaration}: ${items.map(({ quantity, name }) => `${quantity} × ${name}`).join(', ')}`
}
