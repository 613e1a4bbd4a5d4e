import { readFileSync } from 'node:fs'
import type { Authentication } from './connection/authentication.ts'
import type { PoolSettings } from './lookup/connection-pool.ts'
import type { TlsSettings } from './transport/transport.ts'

export interface ClientOptions {
  /**
   * `pulsar://host[:6650][,host2[:6650]]`, or `pulsar+ssl://host[:6651]` for TLS. Of several hosts
   * the one that answered last is asked, and the next one when it does not.
   */
  readonly serviceUrl: string
  /** `AuthenticationToken`, `AuthenticationTls` or one of your own. Default: none. */
  readonly authentication?: Authentication | undefined
  /**
   * Seconds until a request to the broker fails; producers and consumers are tried to be created for
   * so long, and closing waits no longer for what is not acknowledged. Default 30.
   */
  readonly operationTimeoutSeconds?: number | undefined
  /** Milliseconds until an attempt to connect fails. Default 10,000. */
  readonly connectionTimeoutMs?: number | undefined
  /**
   * How often a silent broker is asked whether it lives, in seconds; silent still the next time, the
   * connection is given up. Default 30.
   */
  readonly keepAliveIntervalSeconds?: number | undefined
  /**
   * How often partitioned topics are asked for partitions that were added, in seconds; 0 never.
   * Default 60.
   */
  readonly partitionsUpdateIntervalSeconds?: number | undefined
  /** Which of the addresses a broker advertises (`advertisedListeners`). Default: its usual one. */
  readonly listenerName?: string | undefined
  /** PEM text of the authorities trusted. Default: those of the machine. */
  readonly tlsTrustCerts?: string | undefined
  /** The same, as the path of a file. Files are read again for every connection. */
  readonly tlsTrustCertsFilePath?: string | undefined
  /** The path of the certificate this client shows, in PEM. */
  readonly tlsCertificateFilePath?: string | undefined
  /** The path of its key, in PEM. */
  readonly tlsPrivateKeyFilePath?: string | undefined
  /** Whether the broker's certificate has to bear the name dialled. Default true. */
  readonly tlsValidateHostname?: boolean | undefined
  /** Takes any certificate: nobody is kept from listening and answering. Default false. */
  readonly tlsAllowInsecureConnection?: boolean | undefined
}

/**
 * What the options mean for connections, with every default in place.
 * @throws what `node:fs` throws for a file that cannot be read: now, and not at the first connection
 */
export const poolSettings = (options: ClientOptions): PoolSettings => {
  tlsSettings(options)
  return settingsOf(options)
}

const settingsOf = (options: ClientOptions): PoolSettings => ({
  serviceUrl: options.serviceUrl,
  authentication: options.authentication,
  tls: () => tlsSettings(options),
  listenerName: options.listenerName,
  connectTimeoutMs: options.connectionTimeoutMs ?? 10_000,
  operationTimeoutMs: (options.operationTimeoutSeconds ?? 30) * 1_000,
  keepAliveMs: (options.keepAliveIntervalSeconds ?? 30) * 1_000,
})

const tlsSettings = (options: ClientOptions): TlsSettings => {
  const { certificatePath, privateKeyPath } = options.authentication?.certificate ?? {}
  return {
    ca: options.tlsTrustCerts ?? textOf(options.tlsTrustCertsFilePath),
    certificate: textOf(certificatePath ?? options.tlsCertificateFilePath),
    key: textOf(privateKeyPath ?? options.tlsPrivateKeyFilePath),
    verifyHostname: options.tlsValidateHostname,
    insecure: options.tlsAllowInsecureConnection,
  }
}

const textOf = (path: string | undefined): string | undefined =>
  path === undefined ? undefined : readFileSync(path, 'utf8')
