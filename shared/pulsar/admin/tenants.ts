import { type AdminHttp, path } from './http.ts'

export interface Tenant {
  readonly adminRoles: readonly string[]
  readonly allowedClusters: readonly string[]
}

/** Tenants: who owns namespaces, and on which clusters. */
export const tenants = (http: AdminHttp) => ({
  list: () => http.json<string[]>({ method: 'GET', path: 'tenants' }),
  get: (tenant: string) => http.json<Tenant>({ method: 'GET', path: path('tenants', tenant) }),
  /** Throws `conflict` when there is one of this name. */
  create: (tenant: string, { adminRoles, allowedClusters }: Tenant) =>
    http.run({
      method: 'PUT',
      path: path('tenants', tenant),
      body: { adminRoles, allowedClusters },
    }),
  update: (tenant: string, { adminRoles, allowedClusters }: Tenant) =>
    http.run({
      method: 'POST',
      path: path('tenants', tenant),
      body: { adminRoles, allowedClusters },
    }),
  /** With `force` its namespaces and topics too; without, throws `conflict` while it has any. */
  delete: (tenant: string, { force = false } = {}) =>
    http.run({ method: 'DELETE', path: path('tenants', tenant), query: { force } }),
})
