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
} as const satisfies Readonly<Record<string, Text>>

type Language = keyof typeof texts
const isLanguage = (text: string): text is Language => Object.hasOwn(texts, text)

/** The language of a locale (BCP 47: `es-CO` is Spanish) that there is a text for; else English. */
export const languageOf = (locale: string): Language => {
  const [language = ''] = locale.toLowerCase().split(/[-_]/)
  return isLanguage(language) ? language : 'en'
}

/** What a new user gets to read, in their language. */
export const welcomeMail = (locale: string, name: string, code: string): MailText =>
  texts[languageOf(locale)](name, code)
