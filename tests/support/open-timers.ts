type Handle = ReturnType<typeof setTimeout> | ReturnType<typeof setInterval>

interface OpenTimers extends Disposable {
  /** Timers started since then that have neither fired nor been cleared. */
  readonly open: ReadonlySet<Handle>
}

/** Watches every `setTimeout` and `setInterval` of this process until it is disposed of. */
export const openTimers = (): OpenTimers => {
  const open = new Set<Handle>()
  const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis
  const once = (callback: (...given: unknown[]) => void, ms?: number, ...given: unknown[]) => {
    const handle = setTimeout(() => {
      open.delete(handle)
      callback(...given)
    }, ms)
    open.add(handle)
    return handle
  }
  const repeated = (callback: (...given: unknown[]) => void, ms?: number, ...given: unknown[]) => {
    const handle = setInterval(callback, ms, ...given)
    open.add(handle)
    return handle
  }
  const clear = (handle?: Handle | number | string) => {
    if (typeof handle === 'object') open.delete(handle)
    clearTimeout(handle as Parameters<typeof clearTimeout>[0])
  }
  const replaced = { setTimeout: once, setInterval: repeated, clearTimeout: clear }
  Object.assign(globalThis, replaced, { clearInterval: clear })
  return {
    open,
    [Symbol.dispose]: () =>
      void Object.assign(globalThis, { setTimeout, setInterval, clearTimeout, clearInterval }),
  }
}
