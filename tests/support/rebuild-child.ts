import { openDatabase } from '../../shared/postgres/database.ts'
import { rebuild } from '../../query/rebuild/rebuild.ts'
import { talliedProjection } from './tally.ts'

/** A rebuild in a process of its own, killed as soon as it has read so many events. */
const rebuildUntilKilled = async (logUrl: string, readUrl: string, events: number) => {
  const log = openDatabase(logUrl, { name: 'child' })
  const read = openDatabase(readUrl, { name: 'child' })
  await rebuild(talliedProjection(), {
    log,
    read,
    pageSize: 200,
    onPage: (building) => {
      if (building.events >= events) process.kill(process.pid, 'SIGKILL')
    },
  })
}

const [, , logUrl = '', readUrl = '', events = ''] = process.argv
if (import.meta.main) await rebuildUntilKilled(logUrl, readUrl, Number(events))
