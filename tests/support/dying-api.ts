import { openBroker } from '../../shared/embedded/broker/broker.ts'
import type { Broker } from '../../shared/messaging/port.ts'
import { startApi } from './command-api.ts'

export type DyingMoment = 'before publishing' | 'before the 202'

/** A command-api that says its address, then stops for ever at the given moment, and says so. */
const run = async (databaseUrl: string, moment: DyingMoment): Promise<void> => {
  const real = await openBroker(databaseUrl)
  const stuck = () => {
    console.log('reached')
    return new Promise<never>(() => {})
  }
  const broker: Broker = {
    ...real,
    publisher() {
      const publisher = real.publisher()
      return {
        close: () => publisher.close(),
        async publish(topic, message) {
          if (moment === 'before publishing') return stuck()
          await publisher.publish(topic, message)
          return stuck()
        },
      }
    },
  }
  const { url } = await startApi({ databaseUrl, broker })
  console.log(url)
}

if (import.meta.main) await run(process.argv[2] ?? '', process.argv[3] as DyingMoment)
