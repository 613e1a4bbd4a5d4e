import type { Cancellation } from './cancellation.ts'
import type { Language } from './language.ts'
import type { MailText } from './welcome-mail.ts'

/** The words of mails about orders. */
export interface OrderTexts {
  readonly greeting: (name: string | null) => string
  readonly paid: (order: string, amount: string) => MailText
  readonly shipped: (order: string, parcel: string) => MailText
  readonly parcel: (carrier: string, tracking: string) => string
  readonly handedOver: string
  readonly cancelled: (order: string, why: string) => MailText
  readonly why: Readonly<Record<Cancellation, string>>
  /** After the others: what was taken is given back. */
  readonly noCharge: string
}

export const orderTexts: Readonly<Record<Language, OrderTexts>> = {
  en: {
    greeting: (name) => (name === null ? 'Hello,' : `Hello ${name},`),
    paid: (order, amount) => ({
      subject: `Your order ${order} is paid`,
      body: `we have received ${amount} for your order ${order}. Thank you.`,
    }),
    shipped: (order, parcel) => ({
      subject: `Your order ${order} has been shipped`,
      body: `your order ${order} is on its way. ${parcel}`,
    }),
    parcel: (carrier, tracking) => `${carrier} brings it; its tracking number is ${tracking}.`,
    handedOver: 'It can be picked up.',
    cancelled: (order, why) => ({
      subject: `Your order ${order} was cancelled`,
      body: `your order ${order} was cancelled: ${why}.`,
    }),
    why: {
      'payment-declined': 'the payment was declined',
      'no-stock': 'there is not enough in stock',
      undeliverable: 'nothing can be delivered to the address',
      'timed-out': 'it could not be paid or completed in time',
      requested: 'by you or at your request',
    },
    noCharge: 'What you have paid for it is refunded.',
  },
  es: {
    greeting: (name) => (name === null ? 'Hola:' : `Hola, ${name}:`),
    paid: (order, amount) => ({
      subject: `Su pedido ${order} está pagado`,
      body: `Hemos recibido ${amount} por su pedido ${order}. Gracias.`,
    }),
    shipped: (order, parcel) => ({
      subject: `Su pedido ${order} ha sido enviado`,
      body: `Su pedido ${order} está en camino. ${parcel}`,
    }),
    parcel: (carrier, tracking) => `Lo lleva ${carrier}; su número de seguimiento es ${tracking}.`,
    handedOver: 'Puede recogerlo.',
    cancelled: (order, why) => ({
      subject: `Su pedido ${order} ha sido cancelado`,
      body: `Su pedido ${order} ha sido cancelado: ${why}.`,
    }),
    why: {
      'payment-declined': 'el pago fue rechazado',
      'no-stock': 'no hay existencias suficientes',
      undeliverable: 'no es posible entregar en esa dirección',
      'timed-out': 'no se pudo pagar o completar a tiempo',
      requested: 'por usted o a petición suya',
    },
    noCharge: 'Lo que haya pagado por él se le devuelve.',
  },
  it: {
    greeting: (name) => (name === null ? 'Buongiorno,' : `Buongiorno ${name},`),
    paid: (order, amount) => ({
      subject: `Il suo ordine ${order} è pagato`,
      body: `abbiamo ricevuto ${amount} per il suo ordine ${order}. Grazie.`,
    }),
    shipped: (order, parcel) => ({
      subject: `Il suo ordine ${order} è stato spedito`,
      body: `il suo ordine ${order} è in viaggio. ${parcel}`,
    }),
    parcel: (carrier, tracking) => `Lo porta ${carrier}; il numero di tracciamento è ${tracking}.`,
    handedOver: 'Può ritirarlo.',
    cancelled: (order, why) => ({
      subject: `Il suo ordine ${order} è stato annullato`,
      body: `il suo ordine ${order} è stato annullato: ${why}.`,
    }),
    why: {
      'payment-declined': 'il pagamento è stato rifiutato',
      'no-stock': 'le scorte non bastano',
      undeliverable: "non è possibile consegnare a quell'indirizzo",
      'timed-out': 'non è stato possibile pagarlo o completarlo in tempo',
      requested: 'da lei o su sua richiesta',
    },
    noCharge: 'Quanto ha pagato le viene rimborsato.',
  },
}
