import { InvalidArgumentError } from 'commander'
import { decode } from 'hono/jwt'
import type { PulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import { PulsarAdminError } from '../../shared/pulsar/admin/errors.ts'
import type { Settings } from '../../shared/runtime/settings.ts'
import { Exit } from '../exit.ts'

const reasons = {
  'not-found': 'notFound',
  conflict: 'refused',
  invalid: 'usage',
  unauthorised: 'failed',
  unreachable: 'failed',
} as const

/** What an error means for whoever typed the command; others than Pulsar's stay as they are. */
export async function refusalOf(
  error: unknown,
  admin: PulsarAdmin,
  { topic }: { readonly topic?: unknown },
  settings: Settings,
): Promise<unknown> {
  // Of a key, which is read after commander has gone.
  if (error instanceof InvalidArgumentError) return new Exit('usage', error.message)
  if (!(error instanceof PulsarAdminError)) return error
  const partitioned = typeof topic === 'string' && (await aboutPartitions(error, admin, topic))
  if (partitioned) return new Exit('refused', partitioned)
  return new Exit(reasons[error.kind], error.message + advice(error, settings))
}

function advice({ kind, status }: PulsarAdminError, settings: Settings): string {
  if (kind === 'unreachable' && status === undefined) return ' PULSAR_ADMIN_URL says where it is.'
  if (kind !== 'unauthorised') return ''
  const { pulsarToken, pulsarTokenFile } = settings
  if (pulsarToken === undefined && pulsarTokenFile === undefined)
    return ' No token was sent: PULSAR_TOKEN is not set.'
  return pulsarToken === undefined
    ? ' The token of PULSAR_TOKEN_FILE was sent.'
    : ` The token of PULSAR_TOKEN was sent, ${bearerWords(pulsarToken)}.`
}

function bearerWords(token: string): string {
  try {
    return `which is for the role ${decode(token).payload['sub']}`
  } catch {
    // It is sent as it is; Pulsar has said what it thinks of it.
    return 'which is no JSON Web Token'
  }
}

/** Pulsar says of a partitioned topic that it is not found, wherever one partition is meant. */
async function aboutPartitions(
  { kind, status }: PulsarAdminError,
  admin: PulsarAdmin,
  topic: string,
): Promise<string | undefined> {
  if (kind !== 'not-found' && status !== 405) return undefined
  const partitions = await admin.topics.partitions(topic).catch(() => undefined)
  if (!partitions) return undefined
  return `${topic} has ${partitions} partitions: name one, as in ${topic}-partition-0, or use the command for partitioned topics`
}
