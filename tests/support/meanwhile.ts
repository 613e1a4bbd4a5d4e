import type { Database, Queryable, Transaction } from '../../shared/postgres/database.ts'

/** What happens just before the first statement that contains a text. It may throw in its place. */
export type Events = Readonly<Record<string, () => Promise<unknown>>>

/** The same database, in which something happens at statements of the test's choice, once each. */
export const meanwhile = (database: Database, events: Events): Database => {
  const left = new Map(Object.entries(events))
  const query = (on: Queryable): Queryable['query'] =>
    async function <Row extends object>(text: string, parameters?: readonly unknown[]) {
      for (const [part, happen] of left) {
        if (!text.includes(part)) continue
        left.delete(part)
        await happen()
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
