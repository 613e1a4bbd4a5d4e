import type { PulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import type { AdminOptions } from '../../shared/pulsar/admin/http.ts'
import { adminOf } from '../../shared/messaging/pulsar/open-pulsar.ts'
import type { Settings } from '../../shared/runtime/settings.ts'

/**
 * The admin interface of PULSAR_ADMIN_URL, else of the first host of PULSAR_URL, else the one that
 * `./aero pulsar` has on this machine. Throws `BadSetting` for a file that cannot be read.
 */
export function openAdmin(settings: Settings, instead?: AdminOptions['instead']): PulsarAdmin {
  const { pulsarUrl, pulsarAdminUrl } = settings
  const somewhere = pulsarUrl !== undefined || pulsarAdminUrl !== undefined
  return adminOf(
    somewhere ? settings : { ...settings, pulsarAdminUrl: 'http://127.0.0.1:8080' },
    instead ? { instead } : {},
  )
}
