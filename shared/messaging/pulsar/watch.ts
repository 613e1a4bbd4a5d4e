import type { WatchedConsumer } from './consumer.ts'

const lookMs = 500

/** Looks after all consumers with one timer, and with none while there are no consumers. */
export const consumerWatch = (consumers: ReadonlySet<Promise<WatchedConsumer>>) => {
  let timer: ReturnType<typeof setInterval> | undefined
  const stop = () => {
    clearInterval(timer)
    timer = undefined
  }
  const look = () => {
    if (consumers.size === 0) return stop()
    // One that could not subscribe says so to who wanted it.
    for (const consumer of consumers) consumer.then((one) => one.look()).catch(() => undefined)
  }
  return {
    start() {
      timer ??= setInterval(look, lookMs)
      timer.unref?.()
    },
    stop,
  }
}
