import { setTimeout as wait } from 'node:timers/promises'
import { errorCode } from '../postgres/errors.ts'

/** Who sent a request, as far as the socket knows; becomes Hono's `env`. */
export interface Peer {
  readonly address?: string
}

export interface ServeOptions {
  readonly fetch: (request: Request, peer: Peer) => Response | Promise<Response>
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** The variable to change when the port is taken, for the message. */
  readonly setting?: string
  /** How long `stop` lets answers under way go on. Default 5000. */
  readonly graceMs?: number
}

export interface Server {
  readonly port: number
  readonly url: string
  /**
   * Takes no new connection, closes idle ones, and resolves when the requests in flight are
   * answered; those that outlast the grace are cut off. Idempotent.
   */
  stop(): Promise<void>
}

/** Thrown when the address cannot be listened on; the message says what to change. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken'
}

interface Listening {
  readonly port: number
  stop(now: boolean): Promise<void>
}

/**
 * Listens for HTTP on Bun or Deno, without an idle timeout: long polls and event streams would
 * not survive one. Throws `PortTaken`.
 */
export function serve(options: ServeOptions): Server {
  const { host, port } = options
  let server: Listening
  try {
    server = 'Deno' in globalThis ? onDeno(options) : onBun(options)
  } catch (cause) {
    const code = errorCode(cause) ?? (cause instanceof Error ? cause.name : '')
    if (!/^(EADDR|AddrInUse|AddrNotAvailable|EACCES|EINVAL)/.test(code)) throw cause
    const setting = /^(EADDRNOTAVAIL|AddrNotAvailable|EINVAL)/.test(code) ? 'HOST' : options.setting
    const way = setting ? `; set ${setting} to another one` : ''
    throw new PortTaken(`cannot listen on ${host}:${port} (${code})${way}`, { cause })
  }
  let stopping: Promise<void> | undefined
  return {
    port: server.port,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`,
    stop: () => (stopping ??= drain(server, options.graceMs ?? 5000)),
  }
}

async function drain(server: Listening, graceMs: number): Promise<void> {
  const patience = new AbortController()
  const answered = server.stop(false)
  const tooLong = wait(graceMs, undefined, { signal: patience.signal }).then(
    () => server.stop(true),
    () => undefined,
  )
  await Promise.race([answered, tooLong])
  patience.abort()
}

function onBun({ fetch, host, port }: ServeOptions): Listening {
  const server = Bun.serve({
    hostname: host,
    port,
    idleTimeout: 0,
    fetch(request, self) {
      const address = self.requestIP(request)?.address
      return fetch(request, address === undefined ? {} : { address })
    },
  })
  return { port: server.port ?? port, stop: (now) => server.stop(now) }
}

// The part of Deno's types that is used here; the project is checked with Bun's.
interface DenoServe {
  serve(
    options: { hostname: string; port: number; signal: AbortSignal; onListen: () => void },
    handler: (request: Request, info: { remoteAddr: { hostname?: string } }) => unknown,
  ): {
    readonly addr: { readonly port: number }
    shutdown(): Promise<void>
    finished: Promise<void>
  }
}

function onDeno({ fetch, host, port }: ServeOptions): Listening {
  const deno = (globalThis as unknown as { Deno: DenoServe }).Deno
  const cut = new AbortController()
  const options = { hostname: host, port, signal: cut.signal, onListen: () => {} }
  const server = deno.serve(options, (request, { remoteAddr: { hostname } }) =>
    fetch(request, hostname === undefined ? {} : { address: hostname }),
  )
  return {
    port: server.addr.port,
    async stop(now) {
      if (now) cut.abort()
      else await server.shutdown()
      await server.finished
    },
  }
}
