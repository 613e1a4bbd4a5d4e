import { z } from 'zod'
import { eventsOf } from './contract.ts'

/** A time that a saga has waited for has come. Key = id of the saga, so that it hears of them in order. */
export const TimerFired = eventsOf('timers')(
  'TimerFired',
  z.strictObject({
    timer_id: z.uuid(),
    saga: z.string(),
    saga_id: z.string(),
    /** As the saga has named it. */
    name: z.string(),
  }),
)
