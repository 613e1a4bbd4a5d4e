import type { Queryable } from '../shared/postgres/database.ts'
import type { Check } from '../shared/runtime/role.ts'
import type { BacklogOf } from './projection/lag.ts'

const modules = ['reservations', 'users', 'products', 'inventory', 'orders']
/** Waiting events of one module: about ten seconds of projecting. */
const tooMany = 10_000

/** Whether questions can be answered, and how much of the answer is still on its way. */
export const readiness = async (
  database: Queryable,
  backlogOf: BacklogOf,
): Promise<readonly Check[]> =>
  Promise.all([readable(database), ...modules.map((module) => lag(module, backlogOf))])

const readable = async (database: Queryable): Promise<Check> => {
  const name = 'read database'
  try {
    await database.query('SELECT FROM read.reservations LIMIT 0')
    return { name, ok: true }
  } catch {
    return { name, ok: false, detail: 'away, or without its migrations' }
  }
}

// A broker that does not answer is no reason to take no questions: what is in the views can be read.
const lag = async (module: string, backlogOf: BacklogOf): Promise<Check> => {
  const backlog = await backlogOf(module)
  const detail = backlog === null ? 'not known' : `${backlog} events wait`
  return { name: `lag of ${module}`, ok: (backlog ?? 0) < tooMany, detail }
}
