import { refused, unreachable } from './errors.ts'

export interface AdminOptions {
  /** `http://host:8080` or `https://host:8443`. */
  readonly url: string
  /** A JWT, or what answers one: it is asked before every call, so that a new one is used at once. */
  readonly token?: string | (() => string | Promise<string>)
  /** Default 30 s for a call as a whole. */
  readonly timeoutMs?: number
  /** Default the global one. For TLS with a certificate authority of your own. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>
  /**
   * When there, nothing is changed: calls that only read are made, of the others this one hears, and
   * they count as done.
   */
  readonly instead?: (method: string, url: string, body: string | undefined) => void
}

type Method = 'GET' | 'PUT' | 'POST' | 'DELETE'

/** One call as it goes over the wire. */
export interface Call {
  readonly method: Method
  readonly path: string
  /** Where `path` begins, when that is not `/admin/v2/`. */
  readonly root?: '/lookup/v2/'
  readonly query?: Readonly<Record<string, string | number | boolean>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Is JSON already. */
  readonly json?: string
}

export interface AdminHttp {
  /** The answer, its body unread. Throws `PulsarAdminError`. */
  send(call: Call): Promise<Response>
  /** The body as JSON. */
  json<Answer>(call: Call): Promise<Answer>
  /** The same; undefined where Pulsar answers nothing because nothing is set. */
  maybe<Answer>(call: Call): Promise<Answer | undefined>
  /** For calls that answer nothing. */
  run(call: Call): Promise<void>
}

/**
 * Path segments; every part is escaped. Throws a `TypeError` for the two that no escape keeps from
 * meaning another path, and for an empty one.
 */
export const path = (...parts: readonly (string | number)[]): string =>
  parts.map((part) => segment(String(part))).join('/')

function segment(part: string): string {
  if (['', '.', '..'].includes(part)) throw new TypeError(`${JSON.stringify(part)} is no name`)
  return encodeURIComponent(part)
}

const mostRedirects = 5

export function adminHttp(options: AdminOptions): AdminHttp {
  const base = new URL(options.url)
  const send = async (call: Call) => {
    const words = `${call.method} ${call.path}`
    const answer = await follow(options, base, call).catch((cause: unknown) => {
      throw unreachable(words, base.origin, cause)
    })
    if (answer.ok) return answer
    throw refused(words, answer.status, await answer.text())
  }
  return {
    send,
    json: async <Answer>(call: Call) => (await (await send(call)).json()) as Answer,
    maybe: async <Answer>(call: Call) => {
      const text = await (await send(call)).text()
      return text === '' ? undefined : (JSON.parse(text) as Answer)
    },
    run: async (call) => void (await (await send(call)).arrayBuffer()),
  }
}

/**
 * A broker that does not own a topic answers 307 with the one that does. fetch would follow without
 * the token, because the host is another (https://fetch.spec.whatwg.org/#http-redirect-fetch).
 */
async function follow(options: AdminOptions, base: URL, call: Call): Promise<Response> {
  const init = await requestOf(options, call)
  const send = options.fetch ?? fetch
  let target = new URL(`${call.root ?? '/admin/v2/'}${call.path}`, base)
  for (const [name, value] of Object.entries(call.query ?? {})) {
    target.searchParams.set(name, String(value))
  }
  if (options.instead && call.method !== 'GET') {
    options.instead(call.method, target.href, init.body?.toString())
    return Response.json({})
  }
  for (let hops = 0; ; hops += 1) {
    const answer = await send(target.href, init)
    const location = answer.headers.get('location')
    if (answer.status !== 307 || location === null || hops === mostRedirects) return answer
    const next = new URL(location, target)
    if (next.protocol !== target.protocol) {
      throw new Error(`refused to follow to ${next.origin}, where the token would travel otherwise`)
    }
    target = next
  }
}

async function requestOf(
  { token, timeoutMs }: AdminOptions,
  { method, body, json }: Call,
): Promise<RequestInit> {
  const bearer = typeof token === 'function' ? await token() : token
  const headers = new Headers()
  if (bearer !== undefined) headers.set('authorization', `Bearer ${bearer}`)
  const text = json ?? (body === undefined ? undefined : JSON.stringify(body))
  if (text !== undefined) headers.set('content-type', 'application/json')
  return {
    method,
    headers,
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs ?? 30_000),
    ...(text === undefined ? {} : { body: text }),
  }
}
