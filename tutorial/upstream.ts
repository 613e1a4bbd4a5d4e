import { z } from 'zod'
import { receipt } from '../shared/contracts/receipts.ts'
import { itinerary } from '../shared/contracts/reservations.ts'
import { type HttpProblem, problem } from '../shared/http/problem.ts'
import type { NewReservation, ReadReservation } from './mapper.ts'

export interface UpstreamOptions {
  readonly commandUrl: string
  readonly queryUrl: string
  /** Default: the runtime's. */
  readonly fetch?: (request: Request) => Promise<Response>
}

const accepted = z.object({
  command_id: z.string(),
  status: z.literal('accepted'),
  id: z.string(),
  href: z.string(),
  status_url: z.string(),
})
export type Accepted = z.output<typeof accepted>

const reservation = z.object({
  id: z.string(),
  itineraries: z.array(itinerary),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
})
const outcome = receipt.pick({ status: true, version: true, problem: true }).strip()
export type Outcome = z.output<typeof outcome>

/** What is passed on of a request: who asks, and which trace it belongs to. */
export type PassedOn = Readonly<Record<string, string>>

/**
 * The two sides of the system as the facade uses them. Errors they answer are thrown as `HttpProblem`
 * with their status; a side that does not answer is a 503.
 */
export interface Upstream {
  createReservation(body: NewReservation, headers: PassedOn): Promise<Accepted>
  /** The receipt as it is when the command has finished, or after `seconds`. */
  receipt(command: Accepted, seconds: number, headers: PassedOn): Promise<Outcome>
  /** Undefined while there is none, or while the view is behind `minVersion`. */
  reservation(
    id: string,
    headers: PassedOn,
    minVersion?: number,
  ): Promise<ReadReservation | undefined>
}

export const upstream = ({ commandUrl, queryUrl, ...options }: UpstreamOptions): Upstream => {
  const ask = asker(options.fetch ?? ((request) => fetch(request)))
  return {
    async createReservation(body, headers) {
      const answer = await ask(new URL('/reservations', commandUrl), {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { ...headers, 'content-type': 'application/json' },
      })
      return accepted.parse(await required(answer))
    },
    async receipt({ status_url }, seconds, headers) {
      // Only the path: COMMAND_URL is how this process reaches the command side.
      const { pathname, search } = new URL(status_url)
      const url = new URL(`${pathname}${search}&wait=${seconds}`, commandUrl)
      return outcome.parse(await required(await ask(url, { headers })))
    },
    async reservation(id, headers, minVersion) {
      const url = new URL(`/reservations/${encodeURIComponent(id)}`, queryUrl)
      if (minVersion !== undefined) url.searchParams.set('min_version', String(minVersion))
      const answer = await ask(url, { headers })
      const behind = minVersion !== undefined && answer.status === 503
      if (answer.status === 404 || behind) return undefined
      return reservation.parse(await required(answer))
    },
  }
}

const patienceMs = 15_000

const asker =
  (send: (request: Request) => Promise<Response>) =>
  async (url: URL, init: RequestInit): Promise<Response> => {
    try {
      return await send(new Request(url.href, { ...init, signal: AbortSignal.timeout(patienceMs) }))
    } catch (cause) {
      throw problem('upstream-away', 503, `${url.origin} does not answer`, { cause })
    }
  }

const problemBody = z.object({
  type: z.string(),
  detail: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
})

const required = async (answer: Response): Promise<unknown> => {
  if (answer.ok) return answer.json()
  throw passedOn(answer, problemBody.safeParse(await answer.json().catch(() => undefined)).data)
}

const passedOn = (
  answer: Response,
  body: z.output<typeof problemBody> | undefined,
): HttpProblem => {
  const slug = body?.type.split(':').at(-1) ?? 'upstream-failed'
  const detail = body?.detail ?? `the system answered ${answer.status}`
  return problem(slug, answer.status, detail, body?.errors ? { errors: body.errors } : {})
}
