import type { AnySaga, SagaEvent } from '../../uow/saga.ts'
import type { Published, Queued } from './memory-write-side.ts'

/** An event on its way to one of those who listen. */
export interface Heard {
  readonly by: AnySaga
  readonly event: SagaEvent
}

export interface MemoryListeners {
  /** Not yet heard, in no order. */
  readonly waiting: Heard[]
  /** By name; each fires whenever somebody lets it. */
  readonly timers: Map<string, Heard>
  publish(event: Published): void
  hear(heard: Heard): void
  /** What each waits for, or how it has ended. */
  places(): readonly ReturnType<AnySaga['placeOf']>[]
}

/** Sagas and reactors, without a database: they send commands, and their timers fire at any time. */
export const memoryListeners = (
  listeners: readonly AnySaga[],
  send: (command: Queued) => void,
): MemoryListeners => {
  const states = new Map<AnySaga, object>()
  const waiting: Heard[] = []
  const timers = new Map<string, Heard>()
  return {
    waiting,
    timers,
    publish({ type, data }) {
      for (const by of listeners)
        if (type in by.contracts) waiting.push({ by, event: { type, data } as SagaEvent })
    },
    hear({ by, event }) {
      const reaction = by.react(states.get(by) as never, event as never)
      if (!reaction) return
      states.set(by, reaction.state)
      for (const command of reaction.commands ?? []) send(command)
      for (const name of reaction.cancelled ?? []) timers.delete(`${by.name} ${name}`)
      for (const { name } of reaction.timers ?? [])
        timers.set(`${by.name} ${name}`, { by, event: { type: 'TimerFired', data: { name } } })
    },
    places: () =>
      listeners.flatMap((by) => {
        const state = states.get(by)
        return state ? [by.placeOf(state as never)] : []
      }),
  }
}
