import type { Acknowledging } from './acknowledging.ts'
import type { Message } from './message.ts'

/** Acknowledges what is stored as a dead letter; what was acknowledged meanwhile is none. */
export const burying =
  (bury: (message: Message) => Promise<void>, acknowledging: () => Acknowledging) =>
  async (message: Message): Promise<void> => {
    if (acknowledging().isAcknowledged(message.id)) return
    await bury(message)
    await acknowledging().one(message)
  }
