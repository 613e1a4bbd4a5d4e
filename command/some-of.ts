const most = 5

/** Names the first few of them and says how many more there are: an order has up to a thousand lines. */
export const someOf = (names: readonly string[]): string =>
  names.length > most
    ? `${names.slice(0, most).join(', ')} and ${names.length - most} others`
    : names.join(', ')
