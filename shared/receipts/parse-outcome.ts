import { CommandFinished } from '../contracts/receipts.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { StoredReceipt } from './read-receipt.ts'

/** The receipt in the payload of a message of events/outcomes; undefined, and a log line, for anything else. */
export const parseOutcome = (text: string, logger: Logger): StoredReceipt | undefined => {
  try {
    return CommandFinished.schema.parse(JSON.parse(text))
  } catch (error) {
    logger.warn({ err: error }, 'not an outcome; its row will tell')
    return undefined
  }
}
