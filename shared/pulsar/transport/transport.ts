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
  /** It was congested and is no more. */
  onDrained(): void
  /** Called once, however the socket ended. */
  onClose(reason: PulsarError): void
}

/** The socket is given no more than this until it has sent it: what it holds cannot be counted. */
const writeBytes = 1024 * 1024
/** Frames below this are joined: a system call costs more than to copy them. */
const joinedBytes = 32 * 1024
/** How long the other end may take to read what it was sent before the end, in ms. */
const patienceAtEndMs = 5_000
/** More than this unsent is congestion, until half of it is left. */
const congestedBytes = 4 * 1024 * 1024

/**
 * A socket that sends what one turn of the event loop wrote as one write, in order, and waits for
 * the kernel to drain before the next. Nothing is refused here: who writes has to look at `congested`.
 */
export class Transport {
  readonly #socket: Socket
  readonly #events: TransportEvents
  readonly #endMs: number
  #queue: Uint8Array[] = []
  #head = 0
  #unsent = 0
  #inSocket = 0
  #scheduled = false
  #congested = false
  #closed = false

  constructor(socket: Socket, events: TransportEvents, endMs = patienceAtEndMs) {
    this.#endMs = endMs
    this.#socket = socket
    this.#events = events
    let reason: PulsarError | undefined
    socket.setNoDelay(true)
    socket.on('data', (chunk: Uint8Array) => {
      try {
        if (!this.#closed) events.onData(plain(chunk))
      } catch (thrown) {
        reason = asPulsarError(thrown)
        this.close()
      }
    })
    socket.on('drain', () => this.#onDrain())
    socket.on('error', (error) => {
      reason ??= asPulsarError(error)
    })
    socket.on('close', () => {
      this.#closed = true
      this.#forget()
      events.onClose(reason ?? new PulsarError('connection', 'The connection was closed.'))
    })
  }

  /** Whether the other end reads more slowly than is written, by more than 4 MiB. */
  get congested(): boolean {
    return this.#congested
  }

  write(frame: Uint8Array): void {
    if (this.#closed) return
    this.#queue.push(frame)
    this.#unsent += frame.length
    if (this.#inSocket > 0) this.#congested ||= this.#unsent > congestedBytes
    if (this.#scheduled || this.#inSocket > 0) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#flush()
    })
  }

  /** Sends what is queued, as far as the other end reads it in time, then closes; nothing more is read. */
  end(): void {
    if (this.#closed) return
    while (this.#head < this.#queue.length) this.#socket.write(this.#next())
    this.#closed = true
    this.#socket.end()
    this.#socket.destroySoon()
    if (this.#socket.writableLength === 0) return
    // A broker that hangs reads nothing more, and would keep the socket and the program.
    const impatience = setTimeout(() => this.#socket.destroy(), this.#endMs)
    this.#socket.once('close', () => clearTimeout(impatience))
  }

  /** Closes at once. */
  close(): void {
    this.#closed = true
    this.#forget()
    this.#socket.destroy()
  }

  #onDrain(): void {
    this.#unsent -= this.#inSocket
    this.#inSocket = 0
    this.#flush()
    if (!this.#congested || this.#unsent > congestedBytes / 2) return
    this.#congested = false
    this.#events.onDrained()
  }

  #flush(): void {
    while (this.#head < this.#queue.length && this.#inSocket < writeBytes && !this.#closed) {
      const bytes = this.#next()
      if (this.#socket.write(bytes)) this.#unsent -= bytes.length
      else this.#inSocket += bytes.length
    }
    if (this.#inSocket > 0) this.#congested ||= this.#unsent > congestedBytes
  }

  /** The next frame, with those behind it that are small as well. */
  #next(): Uint8Array {
    const start = this.#head
    let size = 0
    do size += this.#queue[this.#head++]?.length ?? 0
    while (size + (this.#queue[this.#head]?.length ?? Infinity) < joinedBytes)
    const first = this.#queue[start]
    const bytes =
      first && this.#head === start + 1
        ? first
        : Buffer.concat(this.#queue.slice(start, this.#head), size)
    if (this.#head === this.#queue.length) {
      this.#queue = []
      this.#head = 0
    }
    return bytes
  }

  #forget(): void {
    this.#queue = []
    this.#head = 0
    this.#congested = false
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

/** Not a Buffer: the `slice` of one is a view, and what is kept of a chunk would keep all of it. */
const plain = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)
