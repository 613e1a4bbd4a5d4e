import { CommandFinished } from '../contracts/receipts.ts'
import { fromMessage } from '../messaging/envelope.ts'
import type { ReceivedMessage } from '../messaging/port.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { StoredReceipt } from './read-receipt.ts'

/** The receipt in a message of events/outcomes; undefined, and a log line, for anything else. */
export const readOutcome = (
  message: ReceivedMessage,
  logger: Logger,
): StoredReceipt | undefined => {
  try {
    return CommandFinished.schema.parse(fromMessage(message).data)
  } catch (error) {
    logger.warn({ err: error, message_id: message.id }, 'not an outcome; its row will tell')
    return undefined
  }
}
