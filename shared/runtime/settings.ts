import {
  key32,
  longSecret,
  onOff,
  oneOf,
  optional,
  port,
  secret,
  type Setting,
  setting,
  text,
  url,
  whole,
} from './setting-values.ts'

const postgres = url('postgres', 'postgresql')
const pulsar = url('pulsar', 'pulsar+ssl')
const http = url('http', 'https')

export const definitions = {
  databaseUrl: secret(
    'DATABASE_URL',
    postgres,
    'database of the write side and, unless READ_DATABASE_URL is set, of the read side; unset: embedded Postgres',
  ),
  readDatabaseUrl: secret(
    'READ_DATABASE_URL',
    postgres,
    'database of the read side; unset: the same as DATABASE_URL',
  ),
  pulsarUrl: optional(
    'PULSAR_URL',
    pulsar,
    'Apache Pulsar, several hosts comma separated; unset: embedded broker',
  ),
  pulsarAdminUrl: optional(
    'PULSAR_ADMIN_URL',
    http,
    "Pulsar's admin interface; unset: port 8080 of the first host, with TLS 8443",
  ),
  pulsarToken: secret('PULSAR_TOKEN', text, 'token for Pulsar'),
  pulsarTokenFile: optional(
    'PULSAR_TOKEN_FILE',
    text,
    'file with the token for Pulsar, read again when it changes',
  ),
  pulsarTlsCa: optional(
    'PULSAR_TLS_CA',
    text,
    "file with the certificate authority of Pulsar's TLS; unset: those of the system",
  ),
  pulsarClient: setting(
    'PULSAR_CLIENT',
    oneOf('native', 'official'),
    'native',
    'which client speaks to Pulsar: our own, or npm pulsar-client',
  ),
  pulsarTenant: setting('PULSAR_TENANT', text, 'aeroalpes', 'tenant of all topics in Pulsar'),
  topicPartitions: setting(
    'TOPIC_PARTITIONS',
    whole(1, 1024),
    '16',
    'partitions of a topic, fixed when it is created',
  ),
  topology: optional(
    'TOPOLOGY',
    oneOf('apply', 'check'),
    'whether a start gives Pulsar what is missing or only looks; unset: apply in ./aero up, check elsewhere',
  ),
  commandUrl: optional(
    'COMMAND_URL',
    http,
    'where the command side is reached from outside; a command-api without a database sends who logs in there; unset: HOST and COMMAND_PORT',
  ),
  queryUrl: optional(
    'QUERY_URL',
    http,
    'where the query side is reached from outside; a command-api without a database asks there for receipts it does not know; unset: HOST and QUERY_PORT',
  ),
  host: setting('HOST', text, '127.0.0.1', 'address to listen on'),
  commandPort: setting('COMMAND_PORT', port, '8000', 'port of the command side; 0: any free one'),
  queryPort: setting('QUERY_PORT', port, '8001', 'port of the query side; 0: any free one'),
  tutorialPort: setting(
    'TUTORIAL_PORT',
    port,
    '5000',
    "port of the tutorial's routes; 0: off; taken: a warning",
  ),
  opsPort: optional(
    'OPS_PORT',
    port,
    'port for probes and metrics of roles without HTTP of their own; unset: none',
  ),
  auth: setting('AUTH', oneOf('off', 'jwt'), 'off', 'whether callers must show a token'),
  jwtSecret: secret('JWT_SECRET', longSecret, 'signs and checks access tokens (HS256)'),
  jwksUrl: optional(
    'JWKS_URL',
    http,
    'public keys that check access tokens, instead of JWT_SECRET',
  ),
  jwtIssuer: setting('JWT_ISSUER', text, 'aeroalpes', 'issuer that tokens must name'),
  jwtAudience: setting('JWT_AUDIENCE', text, 'aeroalpes', 'audience that tokens must name'),
  ticketSecret: secret(
    'TICKET_SECRET',
    longSecret,
    'signs the tickets in receipt links; the same on all processes',
  ),
  credentialKey: secret(
    'CREDENTIAL_KEY',
    key32,
    'seals password hashes and codes; the same on all processes',
  ),
  orderFulfilment: setting(
    'ORDER_FULFILMENT',
    oneOf('orchestration', 'choreography'),
    'orchestration',
    'how an order is carried through: by the process manager, or by reactors without one; the same on all processes',
  ),
  logLevel: setting(
    'LOG_LEVEL',
    oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    'info',
    'least severe log line that is written',
  ),
  otelEndpoint: optional(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    http,
    'where traces and metrics are sent; not used so far: metrics are at /metrics',
  ),
  smtpUrl: secret(
    'SMTP_URL',
    url('smtp', 'smtps'),
    'mail server; unset: mails are kept and shown at /notifications',
  ),
  demoData: optional(
    'DEMO_DATA',
    onOff,
    'things to try it with, made by a command-worker: a user, a flight, products, an order; unset: on in ./aero up, off elsewhere',
  ),
  home: optional(
    'AERO_HOME',
    text,
    'folder of everything this machine keeps; unset: .aero in the checkout',
  ),
} satisfies Record<string, Setting<unknown>>

type Definitions = typeof definitions
export type SettingName = keyof Definitions

/** Every setting with its value; those without a default may be undefined. */
export type Settings = {
  readonly [Name in SettingName]: Definitions[Name] extends Setting<infer Value> ? Value : never
}

/** Thrown for a variable with a bad or missing value; the message is one line for people. */
export class BadSetting extends Error {
  override readonly name = 'BadSetting'
}

export type Environment = Readonly<Record<string, string | undefined>>

export interface SettingSource {
  readonly settings: Settings
  readonly sources: Readonly<Record<SettingName, 'environment' | 'home' | 'default'>>
}

/**
 * Reads every setting: the environment first, then what AERO_HOME keeps (secrets made by
 * `./aero up`), then the default. An empty variable counts as unset; variables it does not know
 * are ignored. Throws `BadSetting` for the first value that does not fit.
 */
export function readSettings(environment: Environment, kept: Environment = {}): SettingSource {
  const settings: Record<string, unknown> = {}
  const sources: Record<string, string> = {}
  for (const [name, definition] of Object.entries<Setting<unknown>>(definitions)) {
    const { variable } = definition
    const source = environment[variable] ? 'environment' : kept[variable] ? 'home' : 'default'
    const given = environment[variable] || kept[variable] || definition.fallback
    settings[name] = given === undefined ? undefined : parse(definition, given)
    sources[name] = source
  }
  return { settings, sources } as unknown as SettingSource
}

function parse(definition: Setting<unknown>, given: string): unknown {
  const value = definition.parse(given)
  if (value !== undefined) return value
  const shown = definition.secret ? 'a value that is not shown' : JSON.stringify(given)
  throw new BadSetting(`${definition.variable} is ${shown}, expected ${definition.expected}`)
}

/** The value of an optional setting where it is needed. Throws `BadSetting` when it is unset. */
export function required<Name extends SettingName>(
  settings: Settings,
  name: Name,
): NonNullable<Settings[Name]> {
  const value = settings[name]
  if (value !== undefined && value !== null) return value
  const { variable, meaning } = definitions[name]
  throw new BadSetting(
    `${variable} is not set (${meaning}). Set it, or name in AERO_HOME the folder where ./aero up keeps its secrets`,
  )
}

/** Where each side is reached from outside. */
export const publicUrls = (settings: Settings): { command: string; query: string } => ({
  command: settings.commandUrl ?? `http://${reachable(settings.host)}:${settings.commandPort}`,
  query: settings.queryUrl ?? `http://${reachable(settings.host)}:${settings.queryPort}`,
})

// An address that means "all of mine" is no address to connect to.
const reachable = (host: string) => {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}
