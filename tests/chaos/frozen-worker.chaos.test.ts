import { afterAll, beforeAll, expect, test } from 'bun:test'
import { assembleFleet, type Fleet } from '../support/chaos-fleet.ts'
import { refusalsByKind } from '../support/chaos-ledger.ts'
import { startLoad } from '../support/chaos-load.ts'
import { clean, verdict } from '../support/chaos-oracle.ts'
import { printedSeed, randomFrom, rounds } from '../support/chaos-random.ts'
import { eventually } from '../support/system.ts'

let fleet: Fleet
beforeAll(async () => {
  fleet = await assembleFleet()
}, 60_000)
afterAll(() => fleet.end(), 60_000)

test('a worker that is stopped in the middle of its work is replaced, and harms nothing when it goes on', async () => {
  const seed = printedSeed('freezing a worker')
  const random = randomFrom(seed)
  const api = await fleet.run(['command-api', 'relay', 'projector'])
  const frozen = await fleet.run(['command-worker'])
  const load = startLoad({ targets: () => [api.commandUrl], seed, callers: 4 })
  for (let round = 0; round < rounds(1); round += 1) {
    await load.more(50 + Math.floor(random() * 100))
    process.kill(frozen.pid, 'SIGSTOP')
    // Of every key: the frozen one held all of them.
    const waiting = new Set(load.ledger.accepted.keys())
    const other = await fleet.run(['command-worker'])
    const began = performance.now()
    await eventually('the other has taken over', () => allEnded(waiting), 15)
    console.log(`taken over after ${Math.round(performance.now() - began)} ms`)
    process.kill(frozen.pid, 'SIGCONT')
    await load.more(100)
    await other.stop()
  }
  const ledger = await load.stop()
  expect(refusalsByKind(ledger)).toEqual({})
  const v = await verdict(fleet, ledger)
  if (v.lost.length) {
    console.log(
      frozen.output(),
      JSON.stringify(
        await fleet.sql`select consumer_id, epoch, count(*)::int, sum(mark)::int mark from broker.cursor c join broker.subscription s on s.id=c.subscription_id where s.name='command-worker' and s.topic_id=1 group by 1,2`,
      ),
      JSON.stringify(await fleet.sql`select * from broker.consumer`),
      JSON.stringify(await fleet.sql`select *,now() from broker.holder`),
      JSON.stringify(await fleet.sql`select * from pg_locks where locktype='advisory'`),
      await (await fetch(frozen.opsUrl + '/readyz?verbose')).text(),
    )
    for (const r of await fleet.sql`select pid, application_name,state,left(query,60) q,now()-query_start a,wait_event from pg_stat_activity where datname is not null`)
      console.log(JSON.stringify(r))
    await Bun.sleep(2000)
    console.log((await (await fetch(frozen.opsUrl + '/metrics')).text()).match(/aero_.*/g))
  }
  expect(v).toEqual(clean)
}, 120_000)

const allEnded = async (commands: ReadonlySet<string>) => {
  const [row] = await fleet.sql<{ count: number }[]>`
    SELECT count(*)::int FROM uow.receipt
    WHERE status <> 'accepted' AND command_id = ANY (${[...commands]})`
  return row?.count === commands.size
}
