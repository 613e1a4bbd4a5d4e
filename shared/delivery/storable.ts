/**
 * Text as Postgres can keep it: no NUL and no half surrogate, which text and json refuse
 * (https://www.postgresql.org/docs/18/datatype-json.html). Both become U+FFFD.
 */
export const storable = (text: string): string =>
  text.isWellFormed() && !text.includes('\0')
    ? text
    : text.toWellFormed().replaceAll('\0', '\uFFFD')

/** Message properties as Postgres can keep them. */
export const storableRecord = (
  record: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(record).map(([name, value]) => [storable(name), storable(value)]),
  )
