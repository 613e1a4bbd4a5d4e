import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { asPulsarError, PulsarError } from '../errors.ts'

/** PEM texts; without `ca` the machine's own authorities are trusted. */
export interface TlsSettings {
  readonly ca?: string | undefined
  readonly certificate?: string | undefined
  readonly key?: string | undefined
  /** False only against a broker whose certificate bears another name. */
  readonly verifyHostname?: boolean | undefined
  /** Takes whatever certificate is shown. */
  readonly insecure?: boolean | undefined
}

export interface Address {
  readonly host: string
  readonly port: number
  readonly tls?: TlsSettings | undefined
}

export interface TransportEvents {
  /** May throw: the transport then closes with what was thrown. */
  onData(chunk: Uint8Array): void
  /** Called once, however the socket ended. */
  onClose(reason: PulsarError): void
}

/**
 * A socket that sends what one turn of the event loop wrote as one write, in order, and waits for
 * the kernel to drain before the next. Who writes has to bound how much: nothing is refused here.
 */
export class Transport {
  readonly #socket: Socket
  #queue: Uint8Array[] = []
  #scheduled = false
  #blocked = false
  #closed = false

  constructor(socket: Socket, events: TransportEvents) {
    this.#socket = socket
    let reason: PulsarError | undefined
    socket.setNoDelay(true)
    socket.on('data', (chunk: Uint8Array) => {
      try {
        if (!this.#closed) events.onData(chunk)
      } catch (thrown) {
        reason = asPulsarError(thrown)
        this.close()
      }
    })
    socket.on('drain', () => {
      this.#blocked = false
      this.#flush()
    })
    socket.on('error', (error) => {
      reason ??= asPulsarError(error)
    })
    socket.on('close', () => {
      this.#closed = true
      this.#queue = []
      events.onClose(reason ?? new PulsarError('connection', 'The connection was closed.'))
    })
  }

  write(frame: Uint8Array): void {
    if (this.#closed) return
    this.#queue.push(frame)
    if (this.#scheduled || this.#blocked) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#flush()
    })
  }

  /** Sends what is queued, then closes; nothing more is read. */
  end(): void {
    if (this.#closed) return
    this.#flush()
    this.#closed = true
    this.#socket.end()
    this.#socket.destroySoon()
  }

  /** Closes at once. */
  close(): void {
    this.#closed = true
    this.#socket.destroy()
  }

  #flush(): void {
    if (this.#queue.length === 0 || this.#blocked || this.#closed) return
    const [first] = this.#queue
    const bytes = this.#queue.length === 1 && first ? first : Buffer.concat(this.#queue)
    this.#queue = []
    this.#blocked = !this.#socket.write(bytes)
  }
}

/**
 * Connects within `timeoutMs`.
 * @throws PulsarError `certificate` when the other end's is not trusted or bears another name,
 *   `connection` or `timeout`
 */
export const openTransport = (
  address: Address,
  events: TransportEvents,
  timeoutMs: number,
): Promise<Transport> =>
  new Promise((resolve, reject) => {
    const at = `${address.host}:${address.port}`
    const socket = address.tls ? tlsSocket(address, address.tls) : connectTcp(address)
    const fail = (error: PulsarError) => {
      clearTimeout(timer)
      socket.destroy()
      reject(error)
    }
    const timer = setTimeout(
      () => fail(new PulsarError('timeout', `${at} took no connection within ${timeoutMs} ms.`)),
      timeoutMs,
    )
    const onError = (cause: Error) =>
      fail(
        address.tls && isAboutCertificates(cause)
          ? new PulsarError('certificate', `${at} cannot be trusted: ${cause.message}`, { cause })
          : new PulsarError('connection', `${at} cannot be reached: ${cause.message}`, { cause }),
      )
    socket.once('error', onError)
    socket.once(address.tls ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer)
      socket.off('error', onError)
      resolve(new Transport(socket, events))
    })
  })

/** Codes of OpenSSL and BoringSSL on Bun and Node, words of rustls on Deno. */
const isAboutCertificates = (cause: Error & { readonly code?: unknown }): boolean =>
  /CERT|ISSUER|LEAF_SIGNATURE/.test(String(cause.code)) ||
  /certificate|altnames|UnknownIssuer/i.test(cause.message)

const tlsSocket = ({ host, port }: Address, tls: TlsSettings): Socket =>
  connectTls({
    host,
    port,
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    ...(tls.insecure === true ? { rejectUnauthorized: false } : {}),
    ...(tls.verifyHostname === false ? { checkServerIdentity: () => undefined } : {}),
    ...(/^[\d.:]+$/.test(host) ? {} : { servername: host }),
  })
