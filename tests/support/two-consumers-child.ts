import { consumeBatches } from '../../shared/delivery/batch-consumer.ts'
import { openDatabase } from '../../shared/postgres/database.ts'
import { applyEffects, received, silent } from './delivery-probe.ts'
import { scriptedBroker } from './scripted-broker.ts'

/** Ids of their messages. */
export const bystander = 'bystander'
export const killer = 'killer'

/** Two consumers in one process: the message of one ends it while that of the other is being handled. */
const consumeTwo = async (url: string) => {
  const database = openDatabase(url, { name: 'child' })
  const consume = (id: string, handle: () => Promise<void>) => {
    const broker = scriptedBroker()
    const message = received(id, id)
    broker.deliver([message])
    const consumer = consumeBatches({
      broker,
      database,
      subscription: `of the ${id}`,
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
    consume(bystander, async () => {
      isHandled = true
      // Longer than the other one needs to end the process, where it runs at all.
      await Bun.sleep(300)
      isHandled = false
    }),
    consume(killer, async () => {
      // In its own time where the bystander has been handled before.
      for (let waits = 0; waits < 10 && !isHandled; waits++) await Bun.sleep(10)
      process.kill(process.pid, 'SIGKILL')
    }),
  ])
  await database.close()
}

const [, , url = ''] = process.argv
if (import.meta.main) await consumeTwo(url)
