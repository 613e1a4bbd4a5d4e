import type { Authentication } from '../connection/authentication.ts'
import { Connection } from '../connection/connection.ts'
import { asPulsarError, PulsarError } from '../errors.ts'
import type { TlsSettings } from '../transport/transport.ts'
import { parseServiceUrl, type ServiceUrl } from './service-url.ts'

export interface PoolSettings {
  readonly serviceUrl: string
  readonly authentication?: Authentication | undefined
  /** Asked for every connection over TLS: certificates are renewed while we run. */
  readonly tls?: (() => TlsSettings) | undefined
  /** Which of a broker's advertised addresses is wanted. */
  readonly listenerName?: string | undefined
  readonly connectTimeoutMs: number
  readonly operationTimeoutMs: number
  readonly keepAliveMs: number
}

interface Slot {
  readonly connection: Connection
  readonly opened: Promise<void>
}

/** One connection a broker, opened when first asked for, forgotten when it closes. */
export class ConnectionPool {
  readonly tls: boolean
  readonly listenerName: string | undefined
  readonly #settings: PoolSettings
  readonly #hosts: ServiceUrl['hosts']
  readonly #slots = new Map<string, Slot>()
  #turn = 0
  #closed = false

  constructor(settings: PoolSettings) {
    const { tls, hosts } = parseServiceUrl(settings.serviceUrl)
    this.tls = tls
    this.listenerName = settings.listenerName
    this.#hosts = hosts
    this.#settings = settings
  }

  /**
   * A connection to any host of the service URL: the one that answered last, else the next that does.
   * @throws PulsarError of the last host when none answers; at once when credentials are refused
   */
  async any(): Promise<Connection> {
    let last = new PulsarError('closed', 'The client is closed.')
    for (let tried = 0; tried < this.#hosts.length; tried++) {
      const host = this.#hosts[this.#turn % this.#hosts.length]
      if (!host) break
      try {
        return await this.#get(`${host.host}:${host.port}`, host)
      } catch (thrown) {
        last = asPulsarError(thrown)
        if (!last.retriable) break
        this.#turn++
      }
    }
    throw last
  }

  /** A connection to the broker at `url`, straight. Rejects as `Connection.open`. */
  at(url: string): Promise<Connection> {
    const [host] = parseServiceUrl(url).hosts
    if (!host) throw new PulsarError('protocol', `The broker named no host: ${url}`)
    return this.#get(`${host.host}:${host.port}`, host)
  }

  /** A connection to the broker at `url`, through a host of the service URL that relays to it. */
  async through(url: string): Promise<Connection> {
    const [broker] = parseServiceUrl(url).hosts
    const proxy = this.#hosts[this.#turn % this.#hosts.length]
    if (!broker || !proxy) throw new PulsarError('protocol', `The broker named no host: ${url}`)
    const target = `${broker.host}:${broker.port}`
    const direct = target === `${proxy.host}:${proxy.port}`
    return this.#get(target, proxy, direct ? undefined : target)
  }

  /** Closes every connection; what comes after is refused. */
  close(): void {
    this.#closed = true
    for (const { connection } of this.#slots.values()) connection.close()
    this.#slots.clear()
  }

  async #get(
    name: string,
    host: { readonly host: string; readonly port: number },
    proxyToBrokerUrl?: string,
  ): Promise<Connection> {
    if (this.#closed) throw new PulsarError('closed', 'The client is closed.')
    const key = `${name} at ${host.host}:${host.port}`
    const known = this.#slots.get(key)
    const { connection, opened } = known ?? this.#open(key, host, proxyToBrokerUrl)
    await opened
    return connection
  }

  #open(
    key: string,
    host: { readonly host: string; readonly port: number },
    proxyToBrokerUrl: string | undefined,
  ): Slot {
    const { tls, serviceUrl: _, listenerName: _name, ...settings } = this.#settings
    const address = { ...host, tls: this.tls ? (tls?.() ?? {}) : undefined }
    const connection = new Connection({ ...settings, address, proxyToBrokerUrl })
    const slot = { connection, opened: connection.open() }
    const forget = () => {
      if (this.#slots.get(key) === slot) this.#slots.delete(key)
    }
    this.#slots.set(key, slot)
    connection.onClose(forget)
    slot.opened.catch(() => {
      forget()
      connection.close()
    })
    return slot
  }
}
