import { blame } from '../shared/delivery/failures.ts'

/** Runs `work` for one message; what it throws names that message as the one at fault. */
export const blaming = <T>(messageId: string, work: () => T): T => {
  try {
    return work()
  } catch (error) {
    throw blame(error, messageId)
  }
}
