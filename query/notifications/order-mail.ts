import { cancellationOf } from './cancellation.ts'
import { amountText, languageOf } from './language.ts'
import type { KnownOrder, Told } from './order-news.ts'
import { type OrderTexts, orderTexts } from './order-texts.ts'
import type { MailText } from './welcome-mail.ts'

/** What a customer gets to read about an order, in their language; `name` is null where nobody knows it. */
export const orderMail = (
  locale: string,
  name: string | null,
  order: KnownOrder,
  told: Told,
): MailText => {
  const language = orderTexts[languageOf(locale)]
  const { subject, body } = newsIn(language, locale, order, told)
  return { subject, body: `${language.greeting(name)}\n\n${body}\n` }
}

const newsIn = (
  language: OrderTexts,
  locale: string,
  { id, total, currency }: KnownOrder,
  told: Told,
): MailText => {
  switch (told.kind) {
    case 'paid':
      return language.paid(id, amountText(locale, total, currency))
    case 'shipped': {
      const { carrier, tracking } = told
      const isTracked = carrier !== null && tracking !== null
      return language.shipped(
        id,
        isTracked ? language.parcel(carrier, tracking) : language.handedOver,
      )
    }
    case 'cancelled': {
      const { subject, body } = language.cancelled(id, language.why[cancellationOf(told.reason)])
      return { subject, body: `${body} ${language.noCharge}` }
    }
    default:
      return told satisfies never
  }
}
