import postgres from 'postgres'
import { orAfter } from '../delivery/pause.ts'
import { arrayTypes } from './array-types.ts'
import { forbidInTransaction, markTransaction } from './guard.ts'
import { answered, closed, runningWork } from './running-work.ts'
import { semaphore } from './semaphore.ts'
import { countStatements as count, type StatementCounter as Counter } from './statements.ts'
import { type TransactionLife, transactionLife } from './transaction-life.ts'

export interface Queryable {
  /**
   * One prepared statement. JSON parameters are given as plain values, arrays as arrays
   * (`$1::json`, `$1::uuid[]`); `bigint` and `numeric` come back as text, times as `Date`.
   */
  query<Row extends object>(text: string, parameters?: readonly unknown[]): Promise<Row[]>
}

export interface Transaction extends Queryable {
  /** Undoes what `work` did, and only that, when it throws; the error goes on. */
  savepoint<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>
}

export interface Listener {
  stop(): Promise<void>
}

/**
 * A pool of connections to one database. Using it inside one of its transactions throws `Misuse`
 * (it could wait for ever), as does opening a transaction inside another.
 */
export interface Database extends Queryable {
  readonly url: string
  /** Statements sent so far, BEGIN and COMMIT included. */
  readonly statements: number
  /** Commits when `work` resolves, rolls back and passes the error on when it throws. */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>
  /** Calls `onNotify` for each NOTIFY, and once after each (re)connection, since some may be lost. */
  listen(channel: string, onNotify: (payload: string) => void): Promise<Listener>
  /** Ends the connections after their running statements, 5 s at most. Idempotent. */
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** Shown as `application_name`. */
  readonly name: string
  /** Connections at most; of these, `transactions` may be in a transaction at once. */
  readonly max?: number
  /**
   * Plans each prepared statement once, not once for each set of parameters: right where statements find
   * their rows by key, whatever the parameters (`plan_cache_mode`,
   * https://www.postgresql.org/docs/18/runtime-config-query.html). Default: as the server decides.
   */
  readonly genericPlans?: boolean
  readonly lockTimeoutMs?: number
  readonly statementTimeoutMs?: number
  /**
   * How long an answer of the server is waited for, connecting included, before whoever asked is told
   * that it is away. Default: 3 s longer than the server lets a statement run, so that only one whose
   * connection is gone waits that long.
   */
  readonly patienceMs?: number
}

/** Opens no connection yet; the first statement does. */
export const openDatabase = (url: string, options: DatabaseOptions): Database => {
  const max = options.max ?? 8
  const counter = { statements: 0 }
  // Statements never share connections with transactions: postgres.js can otherwise send a BEGIN on a
  // connection it has not reserved (porsager/postgres issues 823, 1189).
  const pool = replaceable(() => connect(url, options, Math.max(1, Math.floor(max / 2))))
  const listening = connect(url, options, 1)
  const transactionSlots = Math.max(1, Math.ceil(max / 2))
  const transactional = replaceable(() => connect(url, options, transactionSlots))
  const slots = semaphore(transactionSlots)
  const patienceMs = options.patienceMs ?? (options.statementTimeoutMs ?? 5000) + 3000
  const running = runningWork()
  let closing: Promise<void> | undefined
  // postgres.js 3.4.9 waits out its patience for a connection that broke, as if it were at work.
  const close = async () => {
    await orAfter(5000, running.ended())
    const pools = [pool.current, transactional.current, listening]
    await Promise.all(pools.map((one) => one.end({ timeout: 0 })))
  }
  const forbidWrongUse = (what: string) => {
    forbidInTransaction(what)
    if (closing) throw closed()
  }

  return {
    url,
    get statements() {
      return counter.statements
    },
    async query<Row extends object>(text: string, parameters: readonly unknown[] = []) {
      forbidWrongUse('the pool was used')
      const on = pool.current
      const answer = run<Row>(on, counter, text, parameters)
      return running.add(answered(answer, patienceMs, () => pool.replace(on)))
    },
    async transaction(work) {
      forbidWrongUse('a transaction was opened')
      return running.add(
        slots.run(async () => {
          count(counter, 2)
          const life = transactionLife(patienceMs)
          const on = transactional.current
          const begun = on.begin((sql) =>
            markTransaction(() =>
              life.between(async () => ({ value: await work(transactionOn(sql, counter, life)) })),
            ),
          )
          try {
            return (await life.follow(begun)).value
          } finally {
            if (life.silent) transactional.replace(on)
          }
        }),
      )
    },
    async listen(channel, onNotify) {
      const listener = await listening.listen(channel, onNotify, () => onNotify(''))
      return { stop: () => listener.unlisten() }
    },
    close() {
      return (closing ??= close())
    },
  }
}

/** A connection that has gone silent cannot be given back: its pool goes, as soon as the others are done. */
const replaceable = (open: () => postgres.Sql) => {
  let current = open()
  return {
    get current() {
      return current
    },
    replace(old: postgres.Sql) {
      if (old !== current) return
      current = open()
      void old.end({ timeout: 5 })
    },
  }
}

const connect = (url: string, options: DatabaseOptions, connections: number): postgres.Sql =>
  postgres(url, {
    max: connections,
    idle_timeout: 30,
    fetch_types: false,
    types: arrayTypes(),
    // A connect that was swallowed with an outage must not outlast it: workers are back within 5 s.
    connect_timeout: 2,
    backoff: (attempts: number) => Math.min(1, 0.05 * 2 ** attempts),
    onnotice: () => {},
    connection: {
      application_name: `aeroalpes ${options.name}`,
      lock_timeout: options.lockTimeoutMs ?? 2000,
      statement_timeout: options.statementTimeoutMs ?? 5000,
      idle_in_transaction_session_timeout: 10_000,
      ...(options.genericPlans ? { plan_cache_mode: 'force_generic_plan' } : {}),
    },
  })

const run = async <Row extends object>(
  sql: postgres.ISql,
  counter: Counter,
  text: string,
  parameters: readonly unknown[],
): Promise<Row[]> => {
  count(counter, 1)
  return sql.unsafe<Row[]>(text, parameters as postgres.ParameterOrJSON<never>[], { prepare: true })
}

const transactionOn = (
  sql: postgres.TransactionSql,
  counter: Counter,
  life: TransactionLife,
): Transaction => ({
  async query(text, parameters = []) {
    life.forbidWhenLost()
    return life.answered(run(sql, counter, text, parameters))
  },
  async savepoint(work) {
    life.forbidWhenLost()
    count(counter, 2)
    const kept = sql.savepoint((inner) =>
      life.guard(async () => ({ value: await work(transactionOn(inner, counter, life)) })),
    )
    return (await kept).value
  },
})
