import { decimalsOf } from '../../shared/kernel/currencies.ts'

export const languages = ['en', 'es', 'it'] as const
export type Language = (typeof languages)[number]

/** The language of a locale (BCP 47: `es-CO` is Spanish) that there are texts in; else English. */
export const languageOf = (locale: string): Language => {
  const [spoken = ''] = locale.toLowerCase().split(/[-_]/)
  return languages.find((language) => language === spoken) ?? 'en'
}

/**
 * An exact decimal as it is written where the locale is spoken, or else as in the language of the mail.
 * As many decimals as the currency has.
 */
export const amountText = (locale: string, amount: string, currency: string): string => {
  const digits = decimalsOf(currency) ?? 0
  return new Intl.NumberFormat(placeOf(locale), {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    // Amounts have fifteen digits at most, which a number keeps: see shared/kernel/money.ts.
  }).format(Number(amount))
}

const placeOf = (locale: string): string => {
  const language = languageOf(locale)
  const place = locale.replaceAll('_', '-')
  // Numbers as in France make no English mail easier to read.
  return place.toLowerCase().startsWith(language) && isLocale(place) ? place : language
}

const isLocale = (place: string): boolean => {
  try {
    return Intl.getCanonicalLocales(place).length === 1
  } catch {
    return false
  }
}
