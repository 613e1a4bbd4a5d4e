import { PulsarError } from '../errors.ts'
import type { Message } from './message.ts'

interface Listening<T> {
  readonly receive: () => Promise<Message<T>>
  readonly listener: (message: Message<T>) => unknown
  /** What a message is refused with that the listener threw for. */
  readonly refuse: (message: Message<T>) => void
  readonly onError: ((error: unknown, message: Message | undefined) => void) | undefined
}

/** Hands messages to the listener, one at a time, until the consumer ends. */
export const listen = async <T>(listening: Listening<T>): Promise<void> => {
  const { receive, listener, refuse, onError = unhandled } = listening
  for (;;) {
    let message: Message<T>
    try {
      message = await receive()
    } catch (thrown) {
      if (!(thrown instanceof PulsarError && thrown.code === 'closed')) onError(thrown, undefined)
      return
    }
    try {
      await listener(message)
    } catch (thrown) {
      tell(() => refuse(message))
      tell(() => onError(thrown, message))
    }
  }
}

/** Tells the application something. What it throws is its own error, and ends nothing of ours. */
export const tell = (listener: () => void): void => {
  try {
    listener()
  } catch (thrown) {
    unhandled(thrown)
  }
}

/** As for any handler of an event: an error that nobody takes must not vanish. */
const unhandled = (error: unknown): void => {
  void Promise.reject(error)
}
