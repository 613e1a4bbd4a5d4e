import { orderEnds } from '../../shared/contracts/orders.ts'
import { saga } from '../../uow/saga.ts'
import { advance, begin } from './advance.ts'
import { type Fulfilment, heardContracts } from './fulfilment.ts'
import { defaultPatience, type FulfilmentPatience, isEnd, isUndo } from './steps.ts'
import { settle, undo } from './undo.ts'

/**
 * Carries an order through: hold stock, charge, commit stock, ship, confirm. Until it is confirmed every
 * step can be undone, and is, in reverse order, when one fails, is not answered in time, or the customer
 * cancels; a step without an answer may have happened, and is undone like the others. Whether an order
 * is shipped or cancelled is decided by the order alone, once: what confirms or undoes is asked for
 * until it is done.
 */
export const orderFulfilment = (patience: FulfilmentPatience = defaultPatience) =>
  saga<Fulfilment, typeof heardContracts>({
    name: 'order-fulfilment',
    contracts: heardContracts,
    endedBy: orderEnds,
    react(state, event) {
      if (!state) return event.type === 'OrderCreated' ? begin(event.data, patience) : undefined
      if (isEnd(state.step)) return undefined
      const seen = settle(state, event)
      const reaction = isUndo(seen.step)
        ? undo(seen, event, patience)
        : advance(seen, event, patience)
      return reaction ?? (seen === state ? undefined : { state: seen })
    },
    placeOf: ({ step }) => ({ step, ended: isEnd(step) }),
  })
