import { PulsarError } from '../errors.ts'
import type { Message } from './message.ts'
import type { BatchReceivePolicy } from './options.ts'
import type { ReceiveQueue } from './receive-queue.ts'

const defaultMaxBytes = 10 * 1024 * 1024
const defaultTimeoutMs = 100

/**
 * Messages until the first limit is reached; none when the time is over before one came.
 * @param receive waits for the next message, at most the given ms
 */
export const batchReceive = async (
  policy: BatchReceivePolicy,
  queue: ReceiveQueue,
  receive: (timeoutMs: number | undefined) => Promise<Message>,
): Promise<readonly Message[]> => {
  const { maxNumMessages = 0, maxNumBytes = defaultMaxBytes, timeoutMs = defaultTimeoutMs } = policy
  const most = maxNumMessages > 0 ? maxNumMessages : Infinity
  const mostBytes = maxNumBytes > 0 ? maxNumBytes : Infinity
  const deadline = timeoutMs > 0 ? performance.now() + timeoutMs : undefined
  const messages: Message[] = []
  for (let bytes = 0; messages.length < most && bytes < mostBytes;) {
    const left = deadline === undefined ? undefined : Math.max(deadline - performance.now(), 0)
    const next = queue.take() ?? (await nextOf(receive(left), messages.length > 0))
    if (!next) break
    messages.push(next)
    bytes += next.getData().length
  }
  return messages
}

/** When the consumer ends, what is gathered is handed out first; the next call hears of the end. */
const nextOf = async (next: Promise<Message>, some: boolean): Promise<Message | undefined> => {
  try {
    return await next
  } catch (thrown) {
    if (some || (thrown instanceof PulsarError && thrown.code === 'timeout')) return undefined
    throw thrown
  }
}

/** One message, waited for, and what else is there. */
export const receiveUpTo = async (
  most: number,
  queue: ReceiveQueue,
  receive: () => Promise<Message>,
): Promise<readonly Message[]> => {
  const messages = [await receive()]
  while (messages.length < most) {
    const message = queue.take()
    if (!message) break
    messages.push(message)
  }
  return messages
}
