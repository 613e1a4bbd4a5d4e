import { PulsarAdminError } from './errors.ts'
import { type AdminHttp, path } from './http.ts'

export const brokers = (http: AdminHttp) => ({
  /** `host:port` of each broker's own admin interface; without a name, of the cluster that answers. */
  list: (cluster?: string) =>
    http.json<string[]>({
      method: 'GET',
      path: cluster === undefined ? 'brokers' : path('brokers', cluster),
    }),
  clusters: () => http.json<string[]>({ method: 'GET', path: 'clusters' }),
  /** The one that balances the load. */
  leader: () =>
    http.json<{ readonly serviceUrl: string; readonly brokerId?: string }>({
      method: 'GET',
      path: 'brokers/leaderBroker',
    }),
  /** The bundles of namespaces that one broker, named as `list` does, serves. */
  namespaces: (cluster: string, broker: string) =>
    http.json<Record<string, { readonly broker_assignment: string; readonly is_active: boolean }>>({
      method: 'GET',
      path: path('brokers', cluster, broker, 'ownedNamespaces'),
    }),
  /** Settings as they are in force. */
  runtimeConfig: () =>
    http.json<Record<string, string>>({ method: 'GET', path: 'brokers/configuration/runtime' }),
  /** Names of the settings that can be changed while brokers run. */
  dynamicSettings: () => http.json<string[]>({ method: 'GET', path: 'brokers/configuration' }),
  /** Those that were changed so. */
  dynamicConfig: () =>
    http.json<Record<string, string>>({ method: 'GET', path: 'brokers/configuration/values' }),
  version: async () => (await http.send({ method: 'GET', path: 'brokers/version' })).text(),
  /**
   * True when the broker that answers has just stored and read a message of its own; false when it
   * says that it could not, or says nothing. Throws where the token does not allow to ask.
   */
  isHealthy: async (): Promise<boolean> => {
    try {
      const answer = await http.send({ method: 'GET', path: 'brokers/health' })
      return (await answer.text()) === 'ok'
    } catch (error) {
      if (error instanceof PulsarAdminError && error.retriable) return false
      throw error
    }
  },
})
