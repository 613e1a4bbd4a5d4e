import type { Broker } from '../../messaging/port.ts'
import { embeddedBroker } from './embedded-broker.ts'

/** The broker in the database at `databaseUrl`; connects when it is first used. */
export const openBroker = async (databaseUrl: string): Promise<Broker> =>
  embeddedBroker({ database: { url: databaseUrl } })
