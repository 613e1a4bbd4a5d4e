import { rebuildFromTopics } from '../../query/rebuild/rebuild-from-topics.ts'
import { openDatabase } from '../../shared/postgres/database.ts'
import { brokerAt, type BrokerPlace } from './hold-topic.ts'
import { talliedProjection } from './tally.ts'

/** A rebuild in a process of its own, killed as soon as it has read so many events. */
const rebuildUntilKilled = async (place: BrokerPlace, readUrl: string, events: number) => {
  await rebuildFromTopics(talliedProjection(), {
    broker: brokerAt(place),
    read: openDatabase(readUrl, { name: 'child' }),
    pageSize: 100,
    onPage: (building) => {
      if (building.events >= events) process.kill(process.pid, 'SIGKILL')
    },
  })
}

const [, , place = '', readUrl = '', events = ''] = process.argv
if (import.meta.main)
  await rebuildUntilKilled(JSON.parse(place) as BrokerPlace, readUrl, Number(events))
