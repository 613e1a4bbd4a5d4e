import { z } from 'zod'
import { commandsOf, eventsOf } from '../../shared/contracts/contract.ts'
import { TimerFired } from '../../shared/contracts/timers.ts'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import { saga } from '../../uow/saga.ts'

const event = eventsOf('tally')
const contracts = {
  Began: event('Began', z.strictObject({})),
  Added: event('Added', z.strictObject({ amount: z.number() })),
  Stopped: event('Stopped', z.strictObject({})),
  Exploded: event('Exploded', z.strictObject({})),
}
export const Note = commandsOf('tally')('Note', z.strictObject({ total: z.number() }))

interface Tally {
  readonly total: number
  readonly notes: number
  readonly stopped: boolean
}

const noted = (state: Tally) => ({
  state: { ...state, notes: state.notes + 1 },
  commands: [
    { contract: Note, data: { total: state.total }, step: 'note', attempt: state.notes + 1 },
  ],
})

/** The smallest saga that does everything a saga can. */
export const tally = saga<Tally, typeof contracts>({
  name: 'tally',
  contracts,
  endedBy: [contracts.Stopped],
  react(state, { type, data }) {
    if (!state)
      return type === 'Began'
        ? {
            ...noted({ total: 0, notes: 0, stopped: false }),
            timers: [{ name: 'patience', afterMs: 60_000 }],
          }
        : undefined
    switch (type) {
      case 'Added':
        return noted({ ...state, total: state.total + data.amount })
      case 'TimerFired':
        return noted({ ...state, total: -1 })
      case 'Stopped':
        return { state: { ...state, stopped: true }, cancelled: ['patience'] }
      case 'Exploded':
        throw new Error('boom')
      default:
        return undefined
    }
  },
  placeOf: ({ notes, stopped }) => ({ step: `note ${notes}`, ended: stopped }),
})

/** An event as the broker hands it out. */
export const tallied = (
  id: string,
  subject: string,
  name: keyof typeof contracts | 'Unheard' | 'TimerFired',
  data: object = {},
): Envelope => ({
  id,
  type: name === 'TimerFired' ? TimerFired.type : `aeroalpes.tally.${name}.v1`,
  source: '/tests',
  time: new Date().toISOString(),
  subject,
  data,
  correlationId: `correlation of ${subject}`,
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
})
