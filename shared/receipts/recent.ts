/** The last `most` values by key; older ones are forgotten, and given to `forget`. */
export interface Recent<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
}

export const recent = <Value>(
  most: number,
  forget: (value: Value) => void = () => {},
): Recent<Value> => {
  const values = new Map<string, Value>()
  return {
    get: (key) => values.get(key),
    set(key, value) {
      values.delete(key)
      values.set(key, value)
      // A map gives its entries in the order in which they were set.
      for (const [oldest, forgotten] of values) {
        if (values.size <= most) break
        values.delete(oldest)
        forget(forgotten)
      }
    },
  }
}
