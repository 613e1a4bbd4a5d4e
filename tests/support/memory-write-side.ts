import { writeModel } from '../../command/write-model.ts'
import type { CommandContract } from '../../shared/contracts/contract.ts'
import type { AggregateRow } from '../../uow/aggregate.ts'
import type { Happened } from '../../uow/handler.ts'
import { given, isRejection, rowsAfter } from './given.ts'
import { credentialKey } from './recorded-events.ts'

/** A command on its way to its handler. */
export interface Queued {
  readonly contract: CommandContract
  readonly data: object
}

export type Published = Happened['event']

export interface MemoryWriteSide {
  /** Lets the real handler decide; what happens is published, what is rejected is nothing. */
  carryOut(command: Queued): void
  row(aggregate: string, id: string): AggregateRow | undefined
  /** How often an event of that name has happened. */
  count(event: string): number
}

/** The handlers and reactions of the write side, without a database. */
export const memoryWriteSide = (publish: (event: Published) => void): MemoryWriteSide => {
  const model = writeModel(credentialKey)
  const past: Happened[] = []
  const happen = (happened: Happened) => {
    past.push(happened)
    publish(happened.event)
    const place = { id: happened.id, rows: rowsAfter(past), now: new Date(0) }
    for (const react of model.reactions[happened.event.type] ?? [])
      for (const next of react(happened.event as never, place)) happen(next)
  }
  return {
    carryOut({ contract, data }) {
      const registered = model.handlers[contract.type]
      if (!registered) throw new Error(`nobody handles ${contract.type}`)
      const command = registered.mapper(data) as never
      const { decision } = given(...past).when(registered.handler, command)
      if (!isRejection(decision)) for (const happened of decision) happen(happened)
    },
    row(name, id) {
      const kept = past.find(({ aggregate }) => aggregate.name === name)?.aggregate
      return kept && (rowsAfter(past).get(kept as never, id) as AggregateRow | undefined)
    },
    count: (event) => past.filter(({ event: { type } }) => type === event).length,
  }
}
