import { contractReader, readData } from '../../shared/contracts/upcasting.ts'
import { UserRegistered } from '../../shared/contracts/users.ts'
import { blame } from '../../shared/delivery/failures.ts'
import type { Delivery, Work } from '../../shared/delivery/work.ts'
import { Poison } from '../../shared/kernel/fates.ts'
import { type OrderNews, orderNewsContracts } from './order-news.ts'
import { orderNotices } from './order-notices.ts'
import { type Registration, type WelcomeOptions, welcomes } from './welcome.ts'

export interface NotifierOptions extends WelcomeOptions {
  /** Called after COMMIT: there is something to send. */
  readonly written: () => void
}

// The inbox forgets after some days; a row that is there may have been sent.
const insert = `
  INSERT INTO read.notifications SELECT * FROM json_populate_recordset(NULL::read.notifications, $1)
  ON CONFLICT (id) DO NOTHING`

/**
 * Writes to people what happened to them: a row a mail, under the id of its event and in the
 * transaction of the inbox, so once for each event.
 */
export const notifierWork = (options: NotifierOptions): Work => ({
  concerns: reader.names,
  async handle(transaction, deliveries) {
    const news = deliveries.flatMap(read)
    const registrations = news.filter((one) => one.name === 'UserRegistered')
    const ofOrders = news.filter((one) => one.name !== 'UserRegistered')
    const rows = [
      ...(await welcomes(registrations, options)),
      ...(await orderNotices(transaction, ofOrders, options)),
    ]
    if (rows.length > 0) await transaction.query(insert, [rows])
    return { deferred: [] }
  },
  committed: options.written,
})

const reader = contractReader([UserRegistered, ...Object.values(orderNewsContracts)])

// News of a newer version are a mail that somebody waits for: not one to be passed over.
const findContract = ({ id, type }: Delivery['envelope']) => {
  try {
    return reader.find(type)
  } catch (error) {
    throw blame(error, id)
  }
}

const read = ({ envelope }: Delivery): readonly (Registration | OrderNews)[] => {
  const found = findContract(envelope)
  if (!found) return []
  const { id, time } = envelope
  const data = readData(found, envelope.data)
  // By the name the data are of their contract, which the types of a lookup cannot say.
  if (data.success)
    return [{ name: found.contract.name, id, time, data: data.data } as Registration | OrderNews]
  const poison = new Poison('unreadable-event', `event ${id} is no ${envelope.type}`, {
    cause: data.error,
  })
  throw blame(poison, id)
}
