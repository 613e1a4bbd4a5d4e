import type { Context } from 'hono'
import { z } from 'zod'
import { type CommonSlug, type HttpProblem, problem } from '../shared/http/problem.ts'

/** The tutorial's form of an error. */
export const errorForm = {
  description: 'Error',
  schema: z.object({ error: z.string() }).meta({ id: 'Error' }),
  example: { error: 'La reserva debe tener al menos un itinerario' },
}

export const spanish = z.locales.es().localeError

/** A broken business rule, in words that are already Spanish. */
export const ruleBroken = (words: string): HttpProblem => problem(ruleSlug, 400, words)
const ruleSlug = 'regla-de-negocio'

const words: Readonly<Partial<Record<CommonSlug, string>>> = {
  'malformed-json': 'El cuerpo no es JSON',
  unauthenticated: 'Se necesita un token válido',
  forbidden: 'No tiene permiso para hacer esto',
  'not-found': 'No existe',
  'method-not-allowed': 'Este método no está permitido aquí',
  'request-timeout': 'La petición tardó demasiado en llegar',
  gone: 'Ya no existe',
  'payload-too-large': 'El cuerpo es demasiado grande',
  'unsupported-media-type': 'El cuerpo debe ser application/json',
  'idempotency-key-reused': 'La clave de idempotencia se usó para otra petición',
  'too-many-requests': 'Demasiadas peticiones',
  'broker-unavailable': 'El broker no está disponible; intente de nuevo',
  'database-unavailable': 'La base de datos no está disponible; intente de nuevo',
}

/** Answers `{"error": "..."}` in Spanish, with the status and the headers of the problem. */
export const answerError = (_c: Context, error: HttpProblem): Response => {
  const retry: Record<string, string> = error.status === 503 ? { 'retry-after': '1' } : {}
  return Response.json(
    { error: inSpanish(error) },
    { status: error.status, headers: { ...retry, ...error.extras.headers } },
  )
}

const inSpanish = ({ slug, status, message, extras }: HttpProblem): string => {
  if (slug === ruleSlug) return message
  const known = Object.hasOwn(words, slug) ? words[slug as CommonSlug] : undefined
  if (known !== undefined) return known
  if (status === 400) return ['La petición no es válida', ...faults(extras)].join('; ')
  return status === 503
    ? 'El sistema no está disponible; intente de nuevo'
    : 'Algo falló en el sistema'
}

const faults = ({ errors }: HttpProblem['extras']): readonly string[] =>
  (errors ?? []).slice(0, 5).map(({ pointer, detail }) => `${pointer || '/'}: ${detail}`)
