import { type Language, languageOf } from './language.ts'

export interface MailText {
  readonly subject: string
  readonly body: string
}

type Text = (name: string, code: string) => MailText

const texts = {
  en: (name, code) => ({
    subject: 'Your AeroAlpes code',
    body: `Hello ${name},\n\nwelcome to AeroAlpes. Your validation code is ${code}.\n\nIf you did not register, forget this mail.\n`,
  }),
  es: (name, code) => ({
    subject: 'Su código de AeroAlpes',
    body: `Hola, ${name}:\n\nLe damos la bienvenida a AeroAlpes. Su código de validación es ${code}.\n\nSi usted no se registró, olvide este correo.\n`,
  }),
  it: (name, code) => ({
    subject: 'Il suo codice AeroAlpes',
    body: `Buongiorno ${name},\n\nbenvenuti in AeroAlpes. Il suo codice di convalida è ${code}.\n\nSe non si è registrato, dimentichi questa mail.\n`,
  }),
} as const satisfies Readonly<Record<Language, Text>>

/** What a new user gets to read, in their language. */
export const welcomeMail = (locale: string, name: string, code: string): MailText =>
  texts[languageOf(locale)](name, code)
