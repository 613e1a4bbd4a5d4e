import { readFileSync } from 'node:fs'
import { type PulsarAdmin, pulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import type { AdminOptions } from '../../shared/pulsar/admin/http.ts'
import { parseServiceUrl } from '../../shared/pulsar/lookup/service-url.ts'
import type { Settings } from '../../shared/runtime/settings.ts'

/** Where the admin interface is: PULSAR_ADMIN_URL, else on the first host of PULSAR_URL, else here. */
function adminUrlOf({ pulsarAdminUrl, pulsarUrl }: Settings): string {
  if (pulsarAdminUrl !== undefined) return pulsarAdminUrl
  if (pulsarUrl === undefined) return 'http://127.0.0.1:8080'
  const { tls, hosts } = parseServiceUrl(pulsarUrl)
  const host = hosts[0]?.host ?? '127.0.0.1'
  const authority = host.includes(':') ? `[${host}]` : host
  return tls ? `https://${authority}:8443` : `http://${authority}:8080`
}

/** Opens nothing; files are read with each call. */
export function openAdmin(settings: Settings, instead?: AdminOptions['instead']): PulsarAdmin {
  const { pulsarToken, pulsarTokenFile, pulsarTlsCa } = settings
  const token =
    pulsarToken ?? (pulsarTokenFile && (() => readFileSync(pulsarTokenFile, 'utf8').trim()))
  return pulsarAdmin({
    url: adminUrlOf(settings),
    ...(token ? { token } : {}),
    ...(instead ? { instead } : {}),
    ...(pulsarTlsCa === undefined ? {} : { fetch: trusting(pulsarTlsCa) }),
  })
}

const trusting = (caFile: string) => (url: string, init: RequestInit) =>
  fetch(url, { ...init, tls: { ca: readFileSync(caFile, 'utf8') } })
