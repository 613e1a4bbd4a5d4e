import { within } from '../shared/kernel/within.ts'
import type { Broker } from '../shared/messaging/port.ts'
import type { Queryable } from '../shared/postgres/database.ts'
import type { Check } from '../shared/runtime/role.ts'

/** Whether broker and database answer, and the database has our tables. Within a second, never throws. */
export const readiness = (
  broker: Pick<Broker, 'check'>,
  database: Queryable,
): Promise<readonly Check[]> =>
  Promise.all([
    answers('broker', broker.check()),
    answers('database', database.query('SELECT 1 FROM write.idempotency_keys LIMIT 0')),
  ])

const answers = async (name: string, work: Promise<unknown>): Promise<Check> => {
  try {
    await within(900, work, () => new Error('no answer in time'))
    return { name, ok: true }
  } catch (error) {
    return { name, ok: false, detail: error instanceof Error ? error.message : 'failed' }
  }
}
