import type postgres from 'postgres'
import { start, temporaryHome } from '../tests/support/system.ts'

/** A system started for the bench alone: its own home, its own ports, one process for all roles. */
export interface SystemUnderTest {
  readonly home: string
  readonly commandUrl: string
  readonly queryUrl: string
  readonly pid: number
  readonly postgresPid: number
  readonly sql: postgres.Sql
  stop(): Promise<void>
}

export const startSystem = async (): Promise<SystemUnderTest> => {
  const home = temporaryHome()
  const running = await start(['up'], { home: home.folder, until: ['commandUrl', 'queryUrl'] })
  const database = await home.database()
  return {
    home: home.folder,
    commandUrl: running.commandUrl,
    queryUrl: running.queryUrl,
    pid: running.pid,
    postgresPid: database.pid,
    sql: database.sql,
    async stop() {
      await running.stop()
      await database.close()
      home.remove()
    },
  }
}
