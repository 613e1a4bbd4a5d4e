import fc from 'fast-check'
import type { EventContract } from '../../shared/contracts/contract.ts'
import { events as contracts } from '../../shared/contracts/topology.ts'
import type { AnySaga } from '../../uow/saga.ts'

interface Event {
  readonly type: string
  readonly data: object
}

export interface Told {
  /** What the last event has led to, by name. */
  readonly sent: readonly string[]
  /** The data of those commands. */
  readonly data: readonly object[]
  /** What all events have led to. */
  readonly everSent: readonly string[]
  /** The timers that are set, with their times in ms. */
  readonly timers: Readonly<Record<string, number>>
}

/** What a reactor does about these events, those of which it hears. */
export const toldBy =
  (reactor: AnySaga) =>
  (...events: readonly Event[]): Told => {
    const timers = new Map<string, number>()
    const ever: string[] = []
    let state: object | undefined
    let last: Pick<Told, 'sent' | 'data'> = { sent: [], data: [] }
    for (const event of events) {
      if (!(event.type in { ...reactor.contracts, TimerFired: true })) continue
      const reaction = reactor.react(state as never, event as never)
      state = reaction?.state ?? state
      for (const name of reaction?.cancelled ?? []) timers.delete(name)
      for (const { name, afterMs } of reaction?.timers ?? []) timers.set(name, afterMs)
      const commands = reaction?.commands ?? []
      for (const { contract, data } of commands) {
        const fault = contract.schema.safeParse(data).error
        if (fault) throw fault
      }
      const sent = commands.map(({ contract }) => contract.name)
      ever.push(...sent)
      last = { sent, data: commands.map(({ data }) => data) }
    }
    return { ...last, everSent: ever, timers: Object.fromEntries(timers) }
  }

const topicOf = ({ type }: Event): string =>
  (contracts as Readonly<Record<string, EventContract>>)[type]?.topic ?? type

/** These events as a reactor may hear them: those of one topic in order, some of them twice. */
export const asHeard = (events: readonly Event[]): fc.Arbitrary<readonly Event[]> =>
  fc.infiniteStream(fc.nat()).map((choices) => {
    const twice = events.flatMap((event) => (take(choices) % 3 === 0 ? [event, event] : [event]))
    const topics = [...Map.groupBy(twice, topicOf).values()]
    return twice.flatMap(() => {
      const waiting = topics.filter(({ length }) => length > 0)
      return waiting[take(choices) % waiting.length]?.splice(0, 1) ?? []
    })
  })

const take = (choices: Iterator<number>): number => choices.next().value as number
