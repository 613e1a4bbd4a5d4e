import { PulsarAdminError } from './errors.ts'
import type { AdminHttp } from './http.ts'

export const brokers = (http: AdminHttp) => ({
  /** `host:port` of each broker's own admin interface. */
  list: () => http.json<string[]>({ method: 'GET', path: 'brokers' }),
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
