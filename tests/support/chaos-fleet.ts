import postgres from 'postgres'
import { openBroker } from '../../shared/embedded/broker/broker.ts'
import { readPostmaster } from '../../shared/embedded/postgres/cluster.ts'
import { startPostgres } from '../../shared/embedded/postgres/launcher.ts'
import type { Broker } from '../../shared/messaging/port.ts'
import { postgresFolder } from '../../shared/runtime/home.ts'
import type { RoleName } from '../../shared/runtime/role.ts'
import {
  type Environment,
  eventually,
  type RunningProcess,
  start,
  temporaryHome,
} from './system.ts'

/** Processes that share one home, so one Postgres and one broker. */
export interface Fleet {
  readonly home: string
  readonly url: string
  readonly sql: postgres.Sql
  readonly broker: Broker
  /** Starts a process with these roles and waits until it is ready. */
  run(roles: readonly RoleName[], env?: Environment): Promise<RunningProcess>
  up(): Promise<RunningProcess>
  /** Asks on a connection of its own: one that breaks at the wrong moment can swallow a statement. */
  ask<T>(question: (sql: postgres.Sql) => Promise<T>): Promise<T>
  /** The process id of Postgres at this moment. */
  postmaster(): number
  /** Drains whatever still runs, then gives Postgres up. */
  end(): Promise<void>
}

/** A broker other than the embedded one. */
export interface FleetBroker {
  readonly environment: Environment
  readonly broker: Broker
}

export const assembleFleet = async (elsewhere?: FleetBroker): Promise<Fleet> => {
  const home = temporaryHome()
  const database = await home.database()
  const { url, stop: leave } = await startPostgres({ dataDir: postgresFolder(home.folder) })
  const broker = elsewhere?.broker ?? (await openBroker(url))
  const running: RunningProcess[] = []
  const begin = async (...args: Parameters<typeof start>) => {
    const begun = await start(...args)
    running.push(begun)
    return begun
  }
  const postmaster = () => readPostmaster(postgresFolder(home.folder))?.pid ?? 0
  return {
    home: home.folder,
    url,
    sql: database.sql,
    broker,
    run: (roles, env = {}) =>
      begin(['run', ...roles], {
        home: home.folder,
        env: { ...elsewhere?.environment, ...env },
        until: ['opsUrl', ...(roles.includes('command-api') ? (['commandUrl'] as const) : [])],
      }),
    up: () =>
      begin(['up'], {
        home: home.folder,
        // A demo order on its way would move what a verdict compares.
        env: { ...elsewhere?.environment, DEMO_DATA: 'off' },
        until: ['commandUrl', 'queryUrl', 'opsUrl'],
      }),
    async ask(question) {
      const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => {} })
      try {
        return await question(sql)
      } finally {
        await sql.end({ timeout: 1 })
      }
    },
    postmaster,
    async end() {
      await Promise.all([...running.map((one) => one.stop()), broker.close()])
      await leave()
      await database.close()
      await eventually('Postgres has stopped', async () => postmaster() === 0)
      home.remove()
    },
  }
}
