import { readFileSync } from 'node:fs'
import { type PulsarAdmin, pulsarAdmin } from '../../pulsar/admin/admin.ts'
import type { AdminOptions } from '../../pulsar/admin/http.ts'
import type { Client } from '../../pulsar/client.ts'
import { BadSetting, required, type Settings } from '../../runtime/settings.ts'
import { fetchTrusting } from '../../runtime/trusting-fetch.ts'
import type { Broker } from '../port.ts'
import { adminUrlOf } from './broker-on.ts'
import { clientOf } from './native-driver.ts'
import { pulsarBroker, type PulsarBrokerOptions } from './pulsar-broker.ts'

type PulsarSettings = Pick<
  Settings,
  | 'pulsarUrl'
  | 'pulsarAdminUrl'
  | 'pulsarToken'
  | 'pulsarTokenFile'
  | 'pulsarTlsCa'
  | 'pulsarClient'
  | 'pulsarTenant'
>

/**
 * The broker of the settings; connects when first used. Batches mix keys, so that Key_Shared is
 * refused: everything here reads with Failover. Throws `BadSetting` for a missing PULSAR_URL and for
 * files that cannot be read, and `Misuse` for PULSAR_CLIENT=official without the addon's binary.
 */
export const openPulsar = async (
  settings: Settings,
  options: Pick<PulsarBrokerOptions, 'schemaOf' | 'logger'> = {},
): Promise<Broker> => {
  const wanted = {
    ...options,
    ...access(settings),
    serviceUrl: required(settings, 'pulsarUrl'),
    tenant: settings.pulsarTenant,
    ...(settings.pulsarAdminUrl ? { adminUrl: settings.pulsarAdminUrl } : {}),
  }
  if (settings.pulsarClient === 'native') return pulsarBroker(wanted)
  const { officialBroker } = await import('../official/official-broker.ts')
  const tlsCaFile = settings.pulsarTlsCa
  return officialBroker({ ...wanted, ...(tlsCaFile ? { tlsCaFile } : {}) })
}

/**
 * A client of the settings' Pulsar, for what the port does not carry: other schemas than the
 * contracts'. Throws as `openPulsar`.
 */
export const openClient = (settings: Settings): Client =>
  clientOf({ ...access(settings), serviceUrl: required(settings, 'pulsarUrl') })

/** The admin interface of the settings. Throws as `openPulsar`. */
export const adminOf = (
  settings: Settings,
  options: Pick<AdminOptions, 'timeoutMs' | 'instead'> = {},
): PulsarAdmin => {
  const { token, fetch } = access(settings)
  return pulsarAdmin({
    ...options,
    url: settings.pulsarAdminUrl ?? adminUrlOf(required(settings, 'pulsarUrl')),
    ...(token ? { token } : {}),
    ...(fetch ? { fetch } : {}),
  })
}

const access = (
  settings: PulsarSettings,
): Pick<PulsarBrokerOptions, 'token' | 'tlsCa' | 'fetch'> => {
  const token = tokenOf(settings)
  const tlsCa = settings.pulsarTlsCa && readText('PULSAR_TLS_CA', settings.pulsarTlsCa)
  return {
    ...(token ? { token } : {}),
    ...(tlsCa ? { tlsCa, fetch: fetchTrusting(tlsCa) } : {}),
  }
}

/** A token in a file is read whenever it is shown, so that a new one needs no restart. */
const tokenOf = ({ pulsarToken, pulsarTokenFile: file }: PulsarSettings) => {
  if (pulsarToken || !file) return pulsarToken
  let last = readText('PULSAR_TOKEN_FILE', file).trim()
  return async () => {
    try {
      last = readText('PULSAR_TOKEN_FILE', file).trim() || last
    } catch {
      // It is being replaced: the one before is shown, and the broker says if it is of no use any more.
    }
    return last
  }
}

const readText = (variable: string, path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new BadSetting(`${variable} cannot be read: ${why}`, { cause })
  }
}
