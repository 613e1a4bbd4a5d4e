import { networkInterfaces } from 'node:os'
import type { Ports } from './free-ports.ts'

/** TLS, tokens and authorisation; paths of files unless said otherwise. */
export interface Secured {
  readonly certificate: string
  /** PKCS#8. */
  readonly key: string
  /** Signs the certificate of the broker, and those that clients may show instead of a token. */
  readonly authority: string
  /** What signs tokens (HS256), as bytes. */
  readonly secretKey: string
  /** The token, as text, of the role `admin`: it may do everything, and the broker itself uses it. */
  readonly adminToken: string
}

/**
 * The settings of a Pulsar for one machine
 * (https://pulsar.apache.org/reference/#/4.2.x/config/reference-configuration-standalone).
 * What is acknowledged is on disk, unlike with the defaults of a standalone Pulsar.
 */
export function standaloneConf(ports: Ports, secured?: Secured): string {
  const settings = { ...common, ...listening(ports), ...(secured ? security(ports, secured) : {}) }
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

const common = {
  clusterName: 'standalone',
  managedLedgerDefaultEnsembleSize: 1,
  managedLedgerDefaultWriteQuorum: 1,
  managedLedgerDefaultAckQuorum: 1,
  acknowledgmentAtBatchIndexLevelEnabled: true,
  loadBalancerEnabled: false,
  systemTopicEnabled: true,
  topicLevelPoliciesEnabled: true,
  forceDeleteNamespaceAllowed: true,
  forceDeleteTenantAllowed: true,
  // Off by default in a standalone Pulsar: a crash of the machine would lose what it has promised.
  journalSyncData: true,
  diskUsageThreshold: 0.99,
  diskUsageWarnThreshold: 0.98,
  dbStorage_writeCacheMaxSizeMb: 64,
  dbStorage_readAheadCacheMaxSizeMb: 64,
  // Without it one message near 5 MiB makes broker and storage loop for ever.
  nettyMaxFrameSizeBytes: 5_253_120,
  // A waiting consumer hears of a message at once and not 10 ms later.
  managedLedgerNewEntriesCheckDelayInMillis: 0,
}

const listening = ({ broker, web }: Ports) => ({
  brokerServicePort: broker,
  webServicePort: web,
  bindAddress: '127.0.0.1',
  advertisedAddress: '127.0.0.1',
  // The storage takes any free port unless ports may be given, and all interfaces unless one is.
  allowEphemeralPorts: true,
  allowLoopback: true,
  listeningInterface: loopback(),
})

/** `lo` on Linux, `lo0` on macOS. */
const loopback = () =>
  Object.entries(networkInterfaces()).find(([, addresses]) =>
    addresses?.some(({ address }) => address === '127.0.0.1'),
  )?.[0] ?? 'lo'

const security = (ports: Ports, secured: Secured) => ({
  brokerServicePortTls: ports.brokerTls,
  webServicePortTls: ports.webTls,
  tlsCertificateFilePath: secured.certificate,
  tlsKeyFilePath: secured.key,
  tlsTrustCertsFilePath: secured.authority,
  authenticationEnabled: true,
  authorizationEnabled: true,
  // A client says which it uses. With certificates its role is the common name.
  authenticationProviders: ['Token', 'Tls']
    .map((kind) => `org.apache.pulsar.broker.authentication.AuthenticationProvider${kind}`)
    .join(),
  authenticationRefreshCheckSeconds: 1,
  tokenSecretKey: `file://${secured.secretKey}`,
  superUserRoles: 'admin',
  brokerClientAuthenticationPlugin: 'org.apache.pulsar.client.impl.auth.AuthenticationToken',
  brokerClientAuthenticationParameters: `token:${secured.adminToken}`,
})
