import { asPulsarError, PulsarError, serverError } from '../errors.ts'
import { type Address, openTransport, type Transport } from '../transport/transport.ts'
import type { ByteReader } from '../wire/byte-reader.ts'
import type { Body, Command, CommandType } from '../wire/commands.ts'
import { readFrame } from '../wire/frame-reader.ts'
import { FrameSplitter } from '../wire/frame-splitter.ts'
import { commandFrame } from '../wire/frame-writer.ts'
import type { Authentication } from './authentication.ts'
import { authResponseBody, connectBody } from './handshake.ts'
import { RequestTable } from './request-table.ts'
import { Residents } from './residents.ts'

export interface ConnectionSettings {
  readonly address: Address
  readonly authentication?: Authentication | undefined
  /** `host:port` of the broker meant, when `address` is a proxy in front of it. */
  readonly proxyToBrokerUrl?: string | undefined
  readonly connectTimeoutMs: number
  readonly operationTimeoutMs: number
  /** How often a silent broker is asked whether it lives; silent still the next time, it does not. */
  readonly keepAliveMs: number
}

/** Room beside the payload for the command and metadata of one frame. */
const frameOverhead = 128 * 1024
const defaultMaxMessageSize = 5 * 1024 * 1024

/**
 * Who dials a port of this machine on which nobody listens can be connected to itself (TCP's
 * simultaneous open), and would keep the broker from ever getting its port back.
 */
const notABroker = () =>
  new PulsarError('connection', 'The other end is a client and no broker; is a broker running?')

/** The name of a request without its id, which the connection gives. */
type Asked<K extends CommandType> = Omit<Body<K>, 'requestId'>

/** One connection to one broker: requests with their replies, and the events of who lives on it. */
export class Connection {
  /** Largest payload the broker takes in one entry, in bytes. */
  maxMessageSize = defaultMaxMessageSize
  /** Who hears what concerns a producer or consumer of this connection. */
  readonly residents = new Residents()
  readonly #settings: ConnectionSettings
  readonly #requests: RequestTable
  readonly #splitter: FrameSplitter
  readonly #closeListeners = new Set<() => void>()
  #transport: Transport | undefined
  #handshake: { resolve(): void; reject(error: PulsarError): void } | undefined
  #keepAlive: ReturnType<typeof setInterval> | undefined
  #silentIntervals = 0
  #closedBy: PulsarError | undefined
  #reason: PulsarError | undefined
  #nextId = 0

  constructor(settings: ConnectionSettings) {
    this.#settings = settings
    this.#requests = new RequestTable(settings.operationTimeoutMs)
    this.#splitter = new FrameSplitter(
      defaultMaxMessageSize + frameOverhead,
      (bytes, start, end) => {
        const { command, rest } = readFrame(bytes, start, end)
        this.#onCommand(command, rest)
      },
    )
  }

  /**
   * Connects and introduces itself.
   * @throws PulsarError `connection` or `timeout`; `authentication` and others as the broker answers
   */
  async open(): Promise<void> {
    const { address, authentication, proxyToBrokerUrl } = this.#settings
    const { connectTimeoutMs, keepAliveMs } = this.#settings
    const hello = await connectBody(authentication, proxyToBrokerUrl, connectTimeoutMs)
    this.#transport = await openTransport(
      address,
      {
        onData: (chunk) => this.#onData(chunk),
        onDrained: () => this.residents.drained(),
        onClose: (reason) => this.#onClose(reason),
      },
      connectTimeoutMs,
    )
    if (this.#closedBy) {
      this.#transport.close()
      throw this.#closedBy
    }
    this.#keepAlive = setInterval(() => this.#checkAlive(), keepAliveMs)
    this.#keepAlive.unref?.()
    await this.#introduce(hello)
  }

  /** Whether too much is unsent to write more; `onDrained` of every producer says when no more. */
  get congested(): boolean {
    return this.#transport?.congested === true
  }

  get closed(): boolean {
    return this.#closedBy !== undefined
  }

  /**
   * Sends a request; resolves with its reply. Rejects as `RequestTable.wait`.
   * @param answerMs how long the broker may take; the time for operations unless given
   */
  async request<K extends CommandType, R extends CommandType>(
    type: K,
    body: Asked<K>,
    expected: R,
    answerMs?: number,
  ): Promise<Body<R>> {
    if (this.#closedBy) throw this.#closedBy
    const requestId = this.#nextId++
    const reply = this.#requests.wait(requestId, type, answerMs)
    this.#transport?.write(commandFrame(type, { ...body, requestId } as unknown as Body<K>))
    const command = await reply
    if (command.type !== expected)
      throw new PulsarError('protocol', `${type} was answered by ${command.type}.`)
    return command.body as Body<R>
  }

  /** Gives a producer or consumer up. Done as well when the connection ends: they end with it. */
  async leave<K extends 'closeProducer' | 'closeConsumer'>(
    type: K,
    body: Asked<K>,
    answerMs?: number,
  ): Promise<void> {
    if (this.closed) return
    try {
      await this.request(type, body, 'success', answerMs)
    } catch (thrown) {
      if (!this.closed) throw thrown
    }
  }

  /** Sends a command nothing answers. Lost without a word when the connection has closed. */
  tell<K extends CommandType>(type: K, body: Body<K>): void {
    this.#transport?.write(commandFrame(type, body))
  }

  /** Sends a frame made before. Lost without a word when the connection has closed. */
  write(frame: Uint8Array): void {
    this.#transport?.write(frame)
  }

  onClose(listener: () => void): void {
    if (this.closed) listener()
    else this.#closeListeners.add(listener)
  }

  /** Closes without waiting: whoever lives on the connection hears `closed`. */
  close(reason = new PulsarError('closed', 'The connection was closed by this client.')): void {
    this.#reason ??= reason
    this.#transport?.end()
    this.#onClose(reason)
  }

  #introduce(hello: Body<'connect'>): Promise<void> {
    return new Promise((resolve, reject) => {
      // A broker that starts may take the connection and never answer: another attempt helps.
      const timeoutMs = Math.min(this.#settings.connectTimeoutMs, this.#settings.operationTimeoutMs)
      const timer = setTimeout(
        () => this.close(new PulsarError('timeout', `No CONNECTED within ${timeoutMs} ms.`)),
        timeoutMs,
      )
      const settle = (then: () => void) => {
        clearTimeout(timer)
        this.#handshake = undefined
        then()
      }
      this.#handshake = {
        resolve: () => settle(resolve),
        reject: (error) => settle(() => reject(error)),
      }
      this.tell('connect', hello)
    })
  }

  #onData(chunk: Uint8Array): void {
    this.#silentIntervals = 0
    this.#splitter.push(chunk)
  }

  #onCommand(command: Command, rest: ByteReader): void {
    if (this.residents.hear(command, rest)) return
    if (command.type === 'connected') this.#onConnected(command.body)
    else if (command.type === 'error') this.#onError(command)
    else if (command.type === 'ping') this.tell('pong', {})
    else if (command.type === 'authChallenge') void this.#authenticateAgain()
    else if (command.type === 'connect') this.close(notABroker())
    else this.#requests.settle(command)
  }

  #onConnected({ maxMessageSize }: Body<'connected'>): void {
    if (maxMessageSize) this.maxMessageSize = maxMessageSize
    this.#splitter.maxFrameBytes = this.maxMessageSize + frameOverhead
    this.#handshake?.resolve()
  }

  /** An error that answers no request concerns the connection: the broker closes it next. */
  #onError(command: Extract<Command, { type: 'error' }>): void {
    if (this.#requests.settle(command)) return
    const { error, message } = command.body
    this.#reason = serverError(error, message)
    this.#handshake?.reject(this.#reason)
    if (this.#reason.code === 'authentication') this.close(this.#reason)
  }

  async #authenticateAgain(): Promise<void> {
    try {
      this.tell('authResponse', await authResponseBody(this.#settings.authentication))
    } catch (cause) {
      const message = 'No fresh credentials could be had for the broker.'
      this.close(new PulsarError('authentication', message, { cause }))
    }
  }

  #checkAlive(): void {
    if (++this.#silentIntervals < 2) this.tell('ping', {})
    else this.close(new PulsarError('connection', 'The broker does not answer.'))
  }

  #onClose(reason: PulsarError): void {
    if (this.#closedBy) return
    const why = (this.#closedBy = this.#reason ?? asPulsarError(reason))
    clearInterval(this.#keepAlive)
    this.#handshake?.reject(why)
    this.#requests.failAll(why)
    this.residents.closeAll(why)
    for (const listener of this.#closeListeners) listener()
  }
}
