import { consumeBatches } from '../../shared/delivery/batch-consumer.ts'
import type { ReceivedMessage } from '../../shared/messaging/port.ts'
import { openDatabase } from '../../shared/postgres/database.ts'
import { applyEffects, received, silent } from './delivery-probe.ts'
import { scriptedBroker } from './scripted-broker.ts'

export const bystander = received('bystander', 'bystander')
export const killer = received('killer', 'killer')

/** Two consumers in one process: the message of one ends it while that of the other is being handled. */
const consumeTwo = async (url: string) => {
  const database = openDatabase(url, { name: 'child' })
  const consume = (subscription: string, message: ReceivedMessage, handle: () => Promise<void>) => {
    const broker = scriptedBroker()
    broker.deliver([message])
    const consumer = consumeBatches({
      broker,
      database,
      subscription,
      topics: ['topic'],
      logger: silent,
      work: {
        async handle(transaction, deliveries) {
          await handle()
          await applyEffects(transaction, deliveries)
          return { deferred: [] }
        },
      },
    })
    return broker.acknowledgedAll([message.id]).then(() => consumer.stop())
  }
  let isHandled = false
  await Promise.all([
    consume('bystanders', bystander, async () => {
      isHandled = true
      // Longer than the other one needs to end the process, where it runs at all.
      await Bun.sleep(300)
      isHandled = false
    }),
    consume('killers', killer, async () => {
      // In its own time where the bystander has been handled before.
      for (let waits = 0; waits < 10 && !isHandled; waits++) await Bun.sleep(10)
      process.kill(process.pid, 'SIGKILL')
    }),
  ])
  await database.close()
}

const [, , url = ''] = process.argv
if (import.meta.main) await consumeTwo(url)
