import type { Database, Queryable, Transaction } from '../../shared/postgres/database.ts'

/** What happens just before the first, second, ... statement that contains a text; it may throw instead. */
export type Events = Readonly<Record<string, readonly (() => Promise<unknown>)[]>>

/** The same database, in which something happens at statements of the test's choice. */
export const meanwhile = (database: Database, events: Events): Database => {
  const left = new Map(Object.entries(events).map(([part, all]) => [part, [...all]]))
  const query = (on: Queryable): Queryable['query'] =>
    async function <Row extends object>(text: string, parameters?: readonly unknown[]) {
      for (const [part, happen] of left) {
        if (text.includes(part)) await happen.shift()?.()
      }
      return on.query<Row>(text, parameters)
    }
  return {
    ...database,
    query: query(database),
    transaction: (work) =>
      database.transaction((tx) => work({ ...tx, query: query(tx) } satisfies Transaction)),
  }
}
