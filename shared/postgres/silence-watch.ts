/** Knows whether anybody waits for an answer. */
export interface SilenceWatch {
  begin(): void
  end(): void
  /** Nobody waits any more, whoever began. */
  close(): void
}

/** Calls `silent` when something waits and nothing of it ends for `patienceMs`. */
export const silenceWatch = (patienceMs: number, silent: () => void): SilenceWatch => {
  let count = 0
  let closed = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const rearm = (again: boolean) => {
    clearTimeout(timer)
    timer = again && !closed ? setTimeout(silent, patienceMs) : undefined
  }
  return {
    begin() {
      count += 1
      if (count === 1) rearm(true)
    },
    end() {
      count -= 1
      rearm(count > 0)
    },
    close() {
      closed = true
      rearm(false)
    },
  }
}
