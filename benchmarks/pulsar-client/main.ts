import { Client } from '../../shared/pulsar/client.ts'
import { percentile } from '../probe.ts'
import { saveResults } from '../results.ts'
import { type Arena, openArena } from './broker.ts'
import { contestants, type Running, start } from './contestant.ts'
import { type Contestant, type Measured, type Row, rows } from './rows.ts'
import { type Finding, missed, tableOf } from './table.ts'
import type { Outcome, SharedType, Task } from './tasks.ts'

/**
 * Our client on Bun and on Deno beside the C++ client through Python: one broker, one row after the
 * other, in turns. Resolves with the exit code: 1 when a bar was missed, 2 for an unknown row.
 */
export const runClientBench = async (names: readonly string[]): Promise<number> => {
  const chosen = rows.filter(({ name }) => names.length === 0 || names.includes(name))
  if (chosen.length < names.length) {
    console.error(`rows of ./aero bench pulsar-client: ${rows.map(({ name }) => name).join(' ')}`)
    return 2
  }
  const arena = await openArena()
  try {
    const findings = await measureAll(arena, chosen)
    console.log(`\n${tableOf(findings)}\n`)
    const misses = missed(findings)
    console.log(misses.length > 0 ? `missed: ${misses.join(', ')}` : 'every bar was met')
    saveResults(findings.map(({ row, measured }) => ({ row: row.name, ...measured })))
    return misses.length > 0 ? 1 : 0
  } finally {
    await arena.leave()
  }
}

type Team = ReadonlyMap<Contestant, Running>

const measureAll = async (arena: Arena, chosen: readonly Row[]): Promise<readonly Finding[]> => {
  const team = new Map<Contestant, Running>()
  for (const contestant of contestants()) team.set(contestant, await start(contestant, arena.url))
  try {
    const findings: Finding[] = []
    for (const row of chosen) {
      const measured = row.alone ? await alone(arena, row) : await inTurns(arena, team, row)
      console.log(`${row.name}: ${JSON.stringify(measured)}`)
      findings.push({ row, measured })
    }
    return findings
  } finally {
    for (const running of team.values()) await running.stop()
  }
}

/** Each in a process that has done nothing before. */
const alone = async (arena: Arena, row: Row): Promise<Measured> => {
  const once = async (contestant: Contestant) => {
    const running = await start(contestant, arena.url)
    try {
      return await arena.withTopic((topic) => running.carryOut(row.task(topic, '')))
    } finally {
      await running.stop()
    }
  }
  return { bun: await once('bun'), deno: await once('deno'), python: undefined }
}

/** Round by round, so that whatever disturbs the machine for a while disturbs all a little. */
const inTurns = async (arena: Arena, team: Team, row: Row): Promise<Measured> => {
  const outcomes = new Map<Contestant, Outcome[]>()
  const { filled } = row
  if (filled) await arena.withTopic((topic) => consumeInTurns(topic, arena, team, row, outcomes))
  else
    for (const [contestant, running] of turns(team, row))
      await arena.withTopic(async (topic) =>
        note(outcomes, contestant, await running.carryOut(row.task(topic, ''))),
      )
  const of = (contestant: Contestant) => summary(outcomes.get(contestant) ?? [])
  return { bun: of('bun'), deno: of('deno'), python: of('python') }
}

/** One topic for all, and a subscription to it for every contestant and round. */
const consumeInTurns = async (
  topic: string,
  { url }: Arena,
  team: Team,
  row: Row,
  outcomes: Map<Contestant, Outcome[]>,
) => {
  const tasks = turns(team, row).map(([contestant, running], turn) => {
    const task = row.task(topic, `turn-${turn}`) as Extract<Task, { kind: 'consume' }>
    return { contestant, running, task }
  })
  for (const { task } of tasks) await subscribe(url, topic, task.subscription, task.type)
  const { batching = 'default', count = 0 } = row.filled ?? {}
  await team.get('bun')?.carryOut({ kind: 'fill', topic, batching, count })
  for (const { contestant, running, task } of tasks)
    note(outcomes, contestant, await running.carryOut(task))
}

const turns = (team: Team, { rounds }: Row): readonly (readonly [Contestant, Running])[] =>
  Array.from({ length: rounds }, () => [...team]).flat()

const note = (outcomes: Map<Contestant, Outcome[]>, contestant: Contestant, outcome: Outcome) => {
  outcomes.set(contestant, [...(outcomes.get(contestant) ?? []), outcome])
}

/** Makes the subscription, so that it gets what is stored from then on. */
const subscribe = async (
  serviceUrl: string,
  topic: string,
  subscription: string,
  subscriptionType: SharedType,
) => {
  await using client = new Client({ serviceUrl })
  await client.subscribe({ topic, subscription, subscriptionType })
}

const summary = (outcomes: readonly Outcome[]): Outcome | undefined => {
  const best = outcomes.toSorted((a, b) => b.perSecond - a.perSecond)[0]
  if (best?.p50 === undefined) return best
  const median = (metric: 'p50' | 'p99' | 'cpuMicros') =>
    percentile(
      outcomes.map((outcome) => outcome[metric] ?? Number.NaN),
      0.5,
    )
  return { ...best, p50: median('p50'), p99: median('p99'), cpuMicros: median('cpuMicros') }
}
