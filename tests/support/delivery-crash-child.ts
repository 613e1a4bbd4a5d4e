import { consumeBatches } from '../../shared/delivery/batch-consumer.ts'
import { type Database, openDatabase, type Transaction } from '../../shared/postgres/database.ts'
import { lockingWork, silent } from './delivery-probe.ts'
import { tableBroker } from './table-broker.ts'

/** Where a process can be killed; `killer` is a message that ends whoever handles it. */
export const steps = [
  'receive',
  'begin',
  'inbox',
  'handle',
  'before commit',
  'after commit',
  'before ack',
] as const
export type Step = (typeof steps)[number] | 'killer' | 'never'

const consumeUntilEmpty = async (url: string, step: Step) => {
  const die = (at: Step) => at === step && process.kill(process.pid, 'SIGKILL')
  const database = openDatabase(url, { name: 'child' })
  const done = Promise.withResolvers<void>()
  const queue = tableBroker(database, done.resolve)
  const inner = lockingWork((deliveries) => {
    if (deliveries.some(({ id }) => id === 'killer')) die('killer')
  })
  const consumer = consumeBatches({
    broker: {
      async subscribe(options) {
        const { receive, acknowledge, ...rest } = await queue.subscribe(options)
        return {
          ...rest,
          async receive(max, signal) {
            const messages = await receive(max, signal)
            die('receive')
            return messages
          },
          async acknowledge(messages) {
            die('before ack')
            await acknowledge(messages)
          },
        }
      },
    },
    database: dying(database, die),
    subscription: 'test',
    topics: ['topic'],
    logger: silent,
    batchSize: 10,
    work: {
      async handle(...given) {
        const handled = await inner.handle(...given)
        die('handle')
        return handled
      },
    },
  })
  await done.promise
  await consumer.stop()
  await database.close()
}

const dying = (database: Database, die: (at: Step) => void): Database => ({
  ...database,
  async transaction(work) {
    const value = await database.transaction(async (transaction) => {
      die('begin')
      const result = await work(dyingAfterAdmission(transaction, die))
      die('before commit')
      return result
    })
    die('after commit')
    return value
  },
})

const dyingAfterAdmission = (transaction: Transaction, die: (at: Step) => void): Transaction => ({
  ...transaction,
  async query<Row extends object>(text: string, parameters?: readonly unknown[]) {
    const rows = await transaction.query<Row>(text, parameters)
    if (text.includes('delivery.admit')) die('inbox')
    return rows
  },
})

const [, , url = '', step] = process.argv
if (import.meta.main) await consumeUntilEmpty(url, step as Step)
