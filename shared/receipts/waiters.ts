import type { StoredReceipt } from './read-receipt.ts'

/** One request that waits for a command to finish. */
export interface Waiter {
  /** What the broker told of the command, once it has. */
  readonly told: StoredReceipt | undefined
  tell(receipt: StoredReceipt): void
  /** Ends the current sleep, or the next one. */
  wake(): void
  /** Resolves after `milliseconds`, or as soon as it is woken, told or `signal` aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}

export const waiter = (): Waiter => {
  let told: StoredReceipt | undefined
  let woken = false
  let end: (() => void) | undefined
  const wake = () => {
    woken = true
    end?.()
  }
  return {
    get told() {
      return told
    },
    tell(receipt) {
      told = receipt
      wake()
    },
    wake,
    async sleep(milliseconds, signal) {
      if (!woken && !signal?.aborted)
        await new Promise<void>((resolve) => {
          end = () => {
            clearTimeout(timer)
            signal?.removeEventListener('abort', wake)
            resolve()
          }
          const timer = setTimeout(end, milliseconds)
          signal?.addEventListener('abort', wake)
        })
      woken = false
    },
  }
}

/** Who waits for which command. */
export interface Waiters {
  readonly all: Iterable<Waiter>
  of(commandId: string): ReadonlySet<Waiter> | undefined
  add(commandId: string, one: Waiter): void
  remove(commandId: string, one: Waiter): void
}

export const waiters = (): Waiters => {
  const byCommand = new Map<string, Set<Waiter>>()
  return {
    get all() {
      return [...byCommand.values()].flatMap((set) => [...set])
    },
    of: (commandId) => byCommand.get(commandId),
    add(commandId, one) {
      const set = byCommand.get(commandId) ?? new Set()
      byCommand.set(commandId, set.add(one))
    },
    remove(commandId, one) {
      const set = byCommand.get(commandId)
      set?.delete(one)
      if (set?.size === 0) byCommand.delete(commandId)
    },
  }
}
