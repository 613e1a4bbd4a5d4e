import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { fetchJars } from '../../shared/embedded/pulsar/jars.ts'
import {
  type PulsarOptions,
  type StandalonePulsar,
  startPulsar,
} from '../../shared/embedded/pulsar/launcher.ts'
import { checkout, pulsarFolder } from '../../shared/runtime/home.ts'
import { pulsarTools } from './needs-pulsar.ts'
import { madeOnce, type TestKeys } from './pulsar-keys.ts'

/** For `beforeAll`: a machine that has never fetched Pulsar does it there, which takes a minute or two. */
export const pulsarStartMs = 300_000

export interface TestPulsar {
  readonly url: string
  readonly adminUrl: string
}

export interface SecuredPulsar extends TestPulsar {
  /** The same without TLS; tokens are needed there too. */
  readonly plainUrl: string
  readonly plainAdminUrl: string
  /** In PEM. */
  readonly authority: string
  /** May do everything. */
  readonly adminToken: string
  /** Paths of a certificate and its key, in PEM, of the role `admin`. */
  readonly adminCertificate: TestKeys['adminCertificate']
  /** A token (HS256) for a role, which may do nothing until it is granted something. */
  token(role: string, expiresInSeconds?: number): string
}

let plain: Promise<TestPulsar> | undefined
let secured: Promise<SecuredPulsar> | undefined

const run =
  process.env.AERO_TEST_CLUSTER ?? (process.env.BUN_TEST_WORKER_ID ? process.ppid : process.pid)

/** The last user of the run's Pulsar takes it with it. */
const homeOfRun = (name: string) => join(tmpdir(), `aero-pulsar-${run}-${name}`)

/**
 * The Pulsar of this test run, without authentication: PULSAR_URL and PULSAR_ADMIN_URL where they are
 * set, else one that the first process of the run starts and that ends with the last one, killed or
 * not. Suites share it, so each uses names of its own (`ownNamespace`).
 */
export function testPulsar(): Promise<TestPulsar> {
  const { PULSAR_URL: url, PULSAR_ADMIN_URL: adminUrl } = process.env
  if (url && !adminUrl) throw new Error('PULSAR_URL is set, so set PULSAR_ADMIN_URL as well')
  plain ??= url && adminUrl ? Promise.resolve({ url, adminUrl }) : ownPulsar(homeOfRun('plain'))
  return plain
}

/** The secured Pulsar of this run: TLS, tokens, authorisation. Never the one of PULSAR_URL. */
export function securedPulsar(): Promise<SecuredPulsar> {
  secured ??= startSecured()
  return secured
}

/** A Pulsar for one test alone, to be killed, restarted and stopped: `home` decides which. */
export async function ownPulsar(
  home: string,
  options: Partial<PulsarOptions> = {},
): Promise<StandalonePulsar> {
  const tools = pulsarTools()
  if (tools instanceof Error) throw tools
  const { java, maven } = tools
  const folder = pulsarFolder(join(checkout, '.aero'))
  const lib = await fetchJars({ folder, maven, progress: () => {} })
  return startPulsar({
    home,
    java,
    lib,
    briefly: true,
    discard: true,
    deadlineMs: 240_000,
    ...options,
  })
}

async function startSecured(): Promise<SecuredPulsar> {
  const keys: TestKeys = madeOnce(join(pulsarFolder(join(checkout, '.aero')), 'test-keys-3'))
  const {
    url: plainUrl,
    adminUrl: plainAdminUrl,
    tlsUrl,
    tlsAdminUrl,
  } = await ownPulsar(homeOfRun('secured'), {
    secured: { ...keys.files, adminToken: keys.token('admin') },
  })
  return {
    url: tlsUrl,
    adminUrl: tlsAdminUrl,
    plainUrl,
    plainAdminUrl,
    authority: keys.authority,
    adminToken: keys.token('admin'),
    adminCertificate: keys.adminCertificate,
    token: keys.token,
  }
}

/** A namespace in `public` that no other test uses. */
export const ownNamespace = (): string => `t-${crypto.randomUUID()}`
