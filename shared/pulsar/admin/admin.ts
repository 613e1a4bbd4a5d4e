import { brokers } from './brokers.ts'
import { adminHttp, type AdminOptions } from './http.ts'
import { namespaces } from './namespaces.ts'
import { schemas } from './schemas.ts'
import { subscriptions } from './subscriptions.ts'
import { tenants } from './tenants.ts'
import { topics } from './topics.ts'

/**
 * Pulsar's administrative interface (https://pulsar.apache.org/admin-rest-api/), as far as this
 * project uses it. Opens nothing and keeps nothing. Every call throws `PulsarAdminError`, whose
 * `kind` says what it means; nothing is tried again.
 */
export function pulsarAdmin(options: AdminOptions) {
  const http = adminHttp(options)
  return {
    tenants: tenants(http),
    namespaces: namespaces(http),
    topics: topics(http),
    subscriptions: subscriptions(http),
    schemas: schemas(http),
    brokers: brokers(http),
  }
}

export type PulsarAdmin = ReturnType<typeof pulsarAdmin>
